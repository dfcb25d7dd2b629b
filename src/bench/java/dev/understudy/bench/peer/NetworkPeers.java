package dev.understudy.bench.peer;

import dev.understudy.scenario.Ports;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;

/**
 * The proxies before servers at several distances, with all protocols. A path begins with the name
 * of its pool: {@code /http1-50/small}, say.
 */
public final class NetworkPeers {
  /**
   * The servers at a distance, on 127.0.0.1.
   *
   * @param name of the distance, the end of the names of its pools
   */
  public record Distance(String name, int http1Port, int http2Port, int tcpPort) {}

  /**
   * A proxy.
   *
   * @param tcpPorts of the distances in order
   */
  public record Ready(Peer peer, int plainPort, int securePort, List<Integer> tcpPorts) {}

  private NetworkPeers() {}

  /** HAProxy, whose windows of HTTP/2 are as large as Understudy's may get. */
  public static Ready haproxy(Path folder, Certificate certificate, List<Distance> distances)
      throws IOException {
    int plain = Ports.free();
    int secure = Ports.free();
    List<Integer> tcp = new ArrayList<>();
    StringBuilder file =
        new StringBuilder(
            """
            global
              nbthread %d
              tune.h2.initial-window-size 16777216
            defaults
              mode http
              timeout connect 5s
              timeout client 60s
              timeout server 60s
              timeout tunnel 1h
              http-reuse always
              option forwardfor
              default-server check inter 2s
            frontend in
              bind 127.0.0.1:%d
              bind 127.0.0.1:%d ssl crt %s alpn h2,http/1.1
              use_backend %%[path,field(2,/)]
            """
                .formatted(
                    Runtime.getRuntime().availableProcessors(), plain, secure, certificate.both()));
    for (Distance distance : distances) {
      int port = Ports.free();
      tcp.add(port);
      file.append(
          """
          backend http1-%1$s
            server s0 127.0.0.1:%2$d
          backend http2-%1$s
            server s0 127.0.0.1:%3$d proto h2
          listen tcp-%1$s
            mode tcp
            bind 127.0.0.1:%5$d
            server s0 127.0.0.1:%4$d
          """
              .formatted(
                  distance.name(),
                  distance.http1Port(),
                  distance.http2Port(),
                  distance.tcpPort(),
                  port));
    }
    Peer peer = Haproxy.start(folder, "haproxy-networks", file.toString(), plain);
    return new Ready(peer, plain, secure, tcp);
  }

  /** Understudy from its jar. */
  public static Ready understudy(
      Path folder, Certificate certificate, List<Distance> distances, Jvm jvm) throws IOException {
    int plain = Ports.free();
    int secure = Ports.free();
    List<Integer> tcp = new ArrayList<>();
    StringBuilder pools = new StringBuilder("pools:\n");
    StringBuilder routes = new StringBuilder("routes:\n");
    StringBuilder listeners =
        new StringBuilder(
            """
            listeners:
              plain: { port: %d, address: 127.0.0.1 }
              secure: { port: %d, address: 127.0.0.1, tls: { certificates: [%s] } }
            """
                .formatted(plain, secure, certificate.both()));
    for (Distance distance : distances) {
      int port = Ports.free();
      tcp.add(port);
      String http = "{ path: /status }";
      String tcpCheck = "{ type: tcp }";
      pools.append(pool("http1", distance, "http", distance.http1Port(), http, ""));
      pools.append(pool("http2", distance, "http", distance.http2Port(), tcpCheck, "http2: true"));
      pools.append(pool("tcp", distance, "tcp", distance.tcpPort(), tcpCheck, ""));
      listeners.append(
          "  tcp-%s: { port: %d, address: 127.0.0.1, pool: tcp-%s }\n"
              .formatted(distance.name(), port, distance.name()));
      for (String protocol : List.of("http1", "http2")) {
        String name = protocol + "-" + distance.name();
        routes.append(
            "  - { id: %1$s, uri: \"pool://%1$s\", predicates: [\"Path=/%1$s/**\"] }\n"
                .formatted(name));
      }
    }
    Peer peer =
        UnderstudyJar.start(
            folder, "understudy-networks", "" + pools + listeners + routes, plain, jvm);
    return new Ready(peer, plain, secure, tcp);
  }

  private static String pool(
      String protocol, Distance distance, String scheme, int port, String health, String more) {
    return """
      %s-%s:
        servers: { s0: { url: "%s://127.0.0.1:%d" } }
        health: %s
        %s
    """
        .formatted(protocol, distance.name(), scheme, port, health, more);
  }
}
