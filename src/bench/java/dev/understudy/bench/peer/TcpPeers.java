package dev.understudy.bench.peer;

import dev.understudy.scenario.Ports;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;

/** The proxies as relays of TCP connections to one server. */
public final class TcpPeers {
  private TcpPeers() {}

  /** HAProxy in mode tcp, with a thread for each core. */
  public static Peer haproxy(Path folder, int server) throws IOException {
    int port = Ports.free();
    Path file = folder.resolve("haproxy-tcp-" + port + ".cfg");
    Files.writeString(
        file,
        """
        global
          nbthread %d
        defaults
          mode tcp
          timeout connect 1s
          timeout client 1h
          timeout server 1h
        listen in
          bind 127.0.0.1:%d
          default-server check inter 2s fastinter 250ms on-marked-down shutdown-sessions
          server s0 127.0.0.1:%d
        """
            .formatted(Runtime.getRuntime().availableProcessors(), port, server));
    Child process =
        Child.start("haproxy-tcp-" + port, folder, List.of("haproxy", "-db", "-f", file.toString()))
            .await(() -> Ports.listening(port));
    return new ProcessPeer(Haproxy.NAME, port, process);
  }

  /** Understudy from its jar, with one listener. */
  public static Peer understudy(Path folder, int server, Jvm jvm) throws IOException {
    int port = Ports.free();
    int managementPort = Ports.free();
    Path file = folder.resolve("understudy-tcp-" + port + ".yaml");
    Files.writeString(
        file,
        """
        pools:
          db:
            servers:
              s0: { url: "tcp://127.0.0.1:%d" }
        listeners:
          db: { port: %d, address: 127.0.0.1, pool: db }
        """
            .formatted(server, port));
    List<String> command = new ArrayList<>(List.of(Child.java()));
    command.addAll(jvm.options());
    command.addAll(
        List.of(
            "-jar",
            UnderstudyJar.JAR.toString(),
            "serve",
            "--server.port=" + Ports.free(),
            "--management.server.port=" + managementPort,
            "--understudy.config=" + file));
    Child process =
        Child.start("understudy-tcp-" + port, folder, command)
            .await(() -> UnderstudyJar.isReady(managementPort));
    return new ProcessPeer(UnderstudyJar.EXPRESS, port, process);
  }
}
