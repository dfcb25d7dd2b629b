package dev.understudy.bench.command;

import dev.understudy.bench.peer.Haproxy;
import dev.understudy.bench.peer.Site;
import dev.understudy.bench.peer.UnderstudyJar;
import dev.understudy.scenario.Ports;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;

/**
 * What the commands read.
 *
 * @param dynamicFile with one pool
 * @param haproxyFile the same for HAProxy
 * @param importedFile of {@value #IMPORTED_LINES} lines
 */
record Inputs(Path folder, Path dynamicFile, Path haproxyFile, Path importedFile) {
  static final int IMPORTED_LINES = 14;

  private static final String IMPORTED =
      """
      defaults
        mode http
        timeout connect 1s
        timeout client 60s
        timeout server 60s
      frontend in
        bind 127.0.0.1:8080
        use_backend api if { path_beg /api }
        default_backend app
      backend api
        server one 127.0.0.1:8081 check
      backend app
        server one 127.0.0.1:8081 check inter 2s
        server two 127.0.0.1:8082 check inter 2s backup
      """;

  static Inputs write(Site site) throws IOException {
    return new Inputs(
        site.folder(),
        UnderstudyJar.configure(site, "one-pool"),
        Haproxy.configure(site, Ports.free()),
        Files.writeString(site.folder().resolve("imported.cfg"), IMPORTED));
  }

  /** The arguments of Understudy's command. */
  List<String> arguments(Task task, int managementPort) {
    return switch (task) {
      case VALIDATE -> List.of("validate", dynamicFile.toString());
      case IMPORT -> List.of("import", importedFile.toString(), "-o", folder + "/imported.yaml");
      case VERSION -> List.of("--version");
      case STATUS -> List.of("status", "--server", "http://127.0.0.1:" + managementPort);
    };
  }

  /** HAProxy's command for the same; empty: it has none. */
  List<String> haproxy(Task task) {
    return switch (task) {
      case VALIDATE -> List.of("haproxy", "-c", "-f", haproxyFile.toString());
      case VERSION -> List.of("haproxy", "-v");
      case IMPORT, STATUS -> List.of();
    };
  }
}
