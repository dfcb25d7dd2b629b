package dev.understudy.bench.peer;

import dev.understudy.scenario.Ports;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;

/**
 * Debian's nginx, tuned: a worker for each core, server connections kept, no access log. It knows
 * no health checks but by the traffic itself.
 */
public final class Nginx {
  public static final String NAME = "nginx";

  private Nginx() {}

  /** The name of one of this version in tables. */
  public static String title(Program program) {
    return NAME + " " + program.version();
  }

  /** Starts that of this release, whose version its name has. */
  public static Peer start(Program program, Site site) throws IOException {
    int port = Ports.free();
    Path home = Files.createDirectories(site.folder().resolve("nginx-" + port));
    Path file = home.resolve("nginx.conf");
    Files.writeString(file, configuration(site, port, home));
    Child process =
        Child.start(
                "nginx-" + port,
                site.folder(),
                program.command(
                    site.folder(),
                    "-p",
                    home.toString(),
                    "-e",
                    home.resolve("error.log").toString(),
                    "-c",
                    file.toString()))
            .await(() -> Ports.listening(port));
    return new ProcessPeer(title(program), port, process);
  }

  private static String configuration(Site site, int port, Path home) {
    Certificate certificate = site.certificate();
    String tls =
        certificate == null
            ? ""
            : "ssl_certificate %s; ssl_certificate_key %s; ssl_protocols TLSv1.2 TLSv1.3;"
                .formatted(certificate.chain(), certificate.key());
    StringBuilder servers = new StringBuilder();
    for (int i = 0; i < site.servers().size(); i++) {
      servers.append("server 127.0.0.1:%d max_fails=1".formatted(site.servers().get(i)));
      servers.append(i == 0 ? "; " : " backup; ");
    }
    return """
    daemon off;
    worker_processes %d;
    pid %s/nginx.pid;
    events { worker_connections 8192; }
    http {
      access_log off;
      keepalive_requests 1000000000;
      server_names_hash_max_size 65536;
      server_names_hash_bucket_size 128;
      proxy_http_version 1.1;
      proxy_connect_timeout 1s;
      proxy_read_timeout 60s;
      client_max_body_size 0;
      proxy_request_buffering off;
      proxy_buffers 16 8k;
      proxy_max_temp_file_size 0;
      upstream app { %s keepalive 256; keepalive_requests 1000000000; }
      map $http_upgrade $connection_upgrade { default upgrade; '' ''; }
      server {
        listen 127.0.0.1:%d%s default_server;
        %s
        %s
        location / {
          proxy_pass http://app;
          proxy_set_header Host $http_host;
          proxy_set_header X-Forwarded-For $proxy_add_x_forwarded_for;
          proxy_set_header Upgrade $http_upgrade;
          proxy_set_header Connection $connection_upgrade;
        }
      }
    }
    """
        .formatted(
            Runtime.getRuntime().availableProcessors(),
            home,
            servers,
            port,
            certificate == null ? "" : " ssl http2",
            tls,
            names(site));
  }

  private static String names(Site site) {
    if (site.routes() == 1) {
      return "";
    }
    StringBuilder names = new StringBuilder("server_name");
    for (int i = 0; i < site.routes() - 1; i++) {
      names.append(' ').append(Site.host(i));
    }
    return names.append(';').toString();
  }
}
