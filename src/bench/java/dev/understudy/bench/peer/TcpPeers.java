package dev.understudy.bench.peer;

import dev.understudy.scenario.Ports;
import java.io.IOException;
import java.nio.file.Path;

/** The proxies as relays of TCP connections to one server. */
public final class TcpPeers {
  private TcpPeers() {}

  /** HAProxy in mode tcp, with a thread for each core. */
  public static Peer haproxy(Path folder, int server) throws IOException {
    int port = Ports.free();
    return Haproxy.start(
        folder,
        "haproxy-tcp-" + port,
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
            .formatted(Runtime.getRuntime().availableProcessors(), port, server),
        port);
  }

  /** Understudy from its jar, with one listener. */
  public static Peer understudy(Path folder, int server, Jvm jvm) throws IOException {
    int port = Ports.free();
    return UnderstudyJar.start(
        folder,
        "understudy-tcp-" + port,
        """
        pools:
          db:
            servers:
              s0: { url: "tcp://127.0.0.1:%d" }
        listeners:
          db: { port: %d, address: 127.0.0.1, pool: db }
        """
            .formatted(server, port),
        port,
        jvm);
  }
}
