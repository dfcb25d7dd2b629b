package dev.understudy.bench.startup;

import dev.understudy.bench.peer.Haproxy;
import dev.understudy.bench.peer.Program;
import dev.understudy.bench.peer.Site;
import dev.understudy.bench.peer.UnderstudyJar;
import dev.understudy.scenario.Ports;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;

/**
 * A proxy as it is started.
 *
 * @param port of its traffic, on 127.0.0.1
 * @param managementPort 0: it has none, neither readiness nor events
 * @param pools whose events are read
 */
public record Form(
    String title, List<String> command, int port, int managementPort, List<String> pools) {
  /**
   * Understudy before this site.
   *
   * @param java the command up to the jar, the jar included
   */
  public static Form understudy(String title, List<String> java, Site site) throws IOException {
    int port = Ports.free();
    int managementPort = Ports.free();
    List<String> command = new ArrayList<>(java);
    command.addAll(UnderstudyJar.serve(site, port, managementPort));
    return new Form(title, command, port, managementPort, site.poolNames());
  }

  /** The same with further arguments. */
  public Form and(String... arguments) {
    List<String> all = new ArrayList<>(command);
    all.addAll(List.of(arguments));
    return new Form(title, all, port, managementPort, pools);
  }

  /** HAProxy before this site. */
  public static Form haproxy(String title, Site site) throws IOException {
    int port = Ports.free();
    List<String> command = Haproxy.command(Program.newestHaproxy(), site, port);
    return new Form(title, command, port, 0, List.of());
  }
}
