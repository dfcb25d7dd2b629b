package dev.understudy.proxy.gateway;

import static org.assertj.core.api.Assertions.assertThat;

import dev.understudy.proxy.engine.TunnelFactory;
import dev.understudy.proxy.tunnel.Tunnels;
import dev.understudy.testing.Response;
import java.time.Duration;

/** What tables on the sessions of sticky cookies have in common. */
abstract class SessionTable extends LaneProtocolTable {
  static final Duration LONG = Duration.ofMinutes(5);

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

  static String cookieOf(Response response) {
    String set = response.header("set-cookie");
    assertThat(set).isNotNull();
    return "Cookie: " + set.substring(0, set.indexOf(';'));
  }
}
