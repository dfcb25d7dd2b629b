package dev.understudy.conformance;

import dev.understudy.scenario.Ports;
import dev.understudy.testing.Await;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;

/**
 * Debian's HAProxy with the configuration that Understudy replaces, but for its checks, which come
 * ten times as often: the test waits for three of them after each event.
 */
final class HaproxyProcess implements AutoCloseable {
  private final Process process;
  private final int port;
  private final int tlsPort;

  private HaproxyProcess(Process process, int port, int tlsPort) {
    this.process = process;
    this.port = port;
    this.tlsPort = tlsPort;
  }

  static HaproxyProcess start(Path folder, Path certificate, int master, int backup)
      throws IOException {
    int port = Ports.free();
    int tlsPort = Ports.free();
    Path file =
        Files.writeString(
            folder.resolve("haproxy.cfg"),
            """
            global
              maxconn 1024
            defaults
              mode http
              timeout connect 1s
              timeout client 60s
              timeout server 60s
              timeout tunnel 1h
            frontend in
              bind 127.0.0.1:%d
              bind 127.0.0.1:%d ssl crt %s
              acl path_websocket path /websocket
              acl hdr_upgrade hdr(Upgrade) -i websocket
              redirect scheme https code 301 if !{ ssl_fc }
              http-request deny if path_websocket !hdr_upgrade
              http-response set-header Strict-Transport-Security "max-age=16000000; preload"
              default_backend sense
            backend sense
              option httpchk GET /status
              http-check expect string version
              use-server sen2 if { hdr(Host) -i master.domain.com }
              use-server sen1 if { hdr(Host) -i failover.domain.com }
              server sen2 127.0.0.1:%d check inter 4000
              server sen1 127.0.0.1:%d check inter 4000 backup
            """
                .formatted(port, tlsPort, certificate, master, backup));
    Process process =
        new ProcessBuilder("haproxy", "-db", "-f", file.toString())
            .redirectErrorStream(true)
            .redirectOutput(folder.resolve("haproxy.log").toFile())
            .start();
    HaproxyProcess haproxy = new HaproxyProcess(process, port, tlsPort);
    Await.until(
        "HAProxy listens",
        () -> {
          if (!process.isAlive()) {
            throw new IllegalStateException(Files.readString(folder.resolve("haproxy.log")));
          }
          return Ports.listening(tlsPort);
        });
    return haproxy;
  }

  int port() {
    return port;
  }

  int tlsPort() {
    return tlsPort;
  }

  @Override
  public void close() throws InterruptedException {
    process.destroyForcibly().waitFor();
  }
}
