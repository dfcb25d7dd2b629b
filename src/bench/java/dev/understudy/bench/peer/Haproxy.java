package dev.understudy.bench.peer;

import dev.understudy.scenario.Ports;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;

/**
 * Debian's HAProxy, tuned: a thread for each core, server connections shared, health checks and
 * their reactions as fast as Understudy's defaults.
 */
public final class Haproxy {
  public static final String NAME = "HAProxy";

  private Haproxy() {}

  public static Peer start(Site site) throws IOException {
    int port = Ports.free();
    Path file = site.folder().resolve("haproxy-" + port + ".cfg");
    Files.writeString(file, configuration(site, port));
    Child process =
        Child.start(
                "haproxy-" + port, site.folder(), List.of("haproxy", "-db", "-f", file.toString()))
            .await(() -> Ports.listening(port));
    return new ProcessPeer(NAME, port, process);
  }

  private static String configuration(Site site, int port) throws IOException {
    Certificate certificate = site.certificate();
    String tls = certificate == null ? "" : " ssl crt " + certificate.both() + " alpn http/1.1";
    StringBuilder servers = new StringBuilder();
    for (int i = 0; i < site.servers().size(); i++) {
      servers.append("  server s%d 127.0.0.1:%d".formatted(i, site.servers().get(i)));
      servers.append(i == 0 ? "\n" : " backup\n");
    }
    return """
    global
      nbthread %d
    defaults
      mode http
      timeout connect 1s
      timeout client 60s
      timeout server 60s
      timeout tunnel 1h
      http-reuse always
      option forwardfor
      option redispatch
      retries 3
      retry-on all-retryable-errors
    frontend in
      bind 127.0.0.1:%d%s
    %s  default_backend app
    backend app
      option httpchk GET /status
      http-check expect string version
      default-server check inter 2s fastinter 250ms downinter 1s fall 3 rise 2 observe layer4 \
    on-marked-down shutdown-sessions
    %s\
    """
        .formatted(Runtime.getRuntime().availableProcessors(), port, tls, routes(site), servers);
  }

  /** Hosts are looked up in a map, HAProxy's form for many of them. */
  private static String routes(Site site) throws IOException {
    if (site.routes() == 1) {
      return "";
    }
    StringBuilder hosts = new StringBuilder();
    for (int i = 0; i < site.routes() - 1; i++) {
      hosts.append(Site.host(i)).append(" app\n");
    }
    Path map = site.folder().resolve("haproxy-hosts.map");
    Files.writeString(map, hosts);
    return "  use_backend %[req.hdr(host),lower,map(" + map + ",app)]\n";
  }
}
