package dev.understudy.training;

import dev.understudy.application.Launcher;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;

/**
 * The training run for an ahead-of-time cache, which holds what this run has loaded: {@code java
 * -XX:AOTCacheOutput=FILE -cp understudy.jar dev.understudy.training.Training serve|checks|clients
 * FOLDER}.
 *
 * <p>{@code serve} starts the proxy, sends it a request of each kind and ends; {@code checks} runs
 * the commands that check files; {@code clients} runs those of operators. The folder gets their
 * files. The exit status is 0, or 1 with the reason on standard error.
 */
public final class Training {
  private static final String HAPROXY =
      """
      defaults
        mode http
        timeout connect 5s
        timeout client 30s
        timeout server 30s
      frontend web
        bind :80
        acl static path_beg /static /images
        http-request deny if { path_beg /admin } !{ src 10.0.0.0/8 }
        use_backend static if static
        default_backend app
      backend static
        server one 127.0.0.1:8081 check
      backend app
        balance roundrobin
        option httpchk GET /status
        http-check expect status 200
        cookie ID insert indirect nocache
        server one 127.0.0.1:8082 check cookie one
        server two 127.0.0.1:8083 check cookie two backup
      """;

  private Training() {}

  public static void main(String[] args) throws Exception {
    Path folder = Files.createDirectories(Path.of(args[1]).toAbsolutePath());
    switch (args[0]) {
      case "serve" -> serve(TrainingSite.open(folder));
      case "checks" -> System.exit(check(folder));
      case "clients" -> System.exit(runClients());
      default -> throw new IllegalArgumentException(args[0]);
    }
  }

  private static void serve(TrainingSite site) {
    Thread.ofPlatform().name("understudy-training").start(() -> System.exit(visit(site)));
    Launcher.main(site.settings());
  }

  private static int visit(TrainingSite site) {
    try {
      site.visit();
      return 0;
    } catch (IOException | InterruptedException e) {
      System.err.println("understudy: training failed: " + e);
      return 1;
    }
  }

  private static int check(Path folder) throws IOException {
    Path haproxy = Files.writeString(folder.resolve("haproxy.cfg"), HAPROXY);
    String gateway = folder.resolve("imported.yaml").toString();
    Launcher.run("import", haproxy.toString(), "-o", gateway);
    return Launcher.run("validate", gateway);
  }

  private static int runClients() {
    // Nothing listens there.
    String server = "--server=http://127.0.0.1:1";
    Launcher.run("status", server);
    Launcher.run("events", server);
    Launcher.run("--help");
    return Launcher.run("--version");
  }
}
