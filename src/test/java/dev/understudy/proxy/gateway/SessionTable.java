package dev.understudy.proxy.gateway;

import static org.assertj.core.api.Assertions.assertThat;

import dev.understudy.proxy.TunnelFactory;
import dev.understudy.proxy.tunnel.Tunnels;
import dev.understudy.testing.Answer;
import dev.understudy.testing.Lane;
import dev.understudy.testing.LaneTable;
import dev.understudy.testing.Protocol;
import java.nio.file.Path;
import java.time.Duration;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.Parameter;

/** What tables on the sessions of sticky cookies have in common. */
abstract class SessionTable extends LaneTable {
  static final Duration LONG = Duration.ofMinutes(5);

  @TempDir static Path directory;

  /** Of this lane and protocol; made with the first row. */
  private static FrontTable table;

  @Parameter(0)
  Protocol speaks;

  @Parameter(1)
  boolean express;

  @AfterAll
  static void stop() {
    table.close();
    table = null;
  }

  @Override
  protected Lane.Factory factory() {
    if (table == null) {
      table = table(speaks);
    }
    return express ? table::express : table::gateway;
  }

  private static FrontTable table(Protocol protocol) {
    try {
      return new FrontTable(protocol, directory);
    } catch (Exception e) {
      throw new IllegalStateException(e);
    }
  }

  @Override
  protected TunnelFactory tunnels() {
    Tunnels tunnels = new Tunnels(pools, seen);
    closeLater(tunnels);
    return tunnels;
  }

  // ------------------------------------------------------------ tools

  final String newSession() {
    return cookieOf(client().get("/"));
  }

  static String cookieOf(Answer answer) {
    String set = answer.header("set-cookie");
    assertThat(set).isNotNull();
    return "Cookie: " + set.substring(0, set.indexOf(';'));
  }
}
