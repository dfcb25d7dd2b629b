package dev.understudy;

import dev.understudy.proxy.guard.GuardRegistry;
import dev.understudy.testing.TestServer;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;

/**
 * The whole application before one server, with filters by name: {@code /express/NAME} has them in
 * that lane, {@code /gateway/NAME} in the other one.
 */
final class LanesProxy extends TestProxy {
  static final List<String> LANES = List.of("/express/", "/gateway/");

  final TestServer server;
  private final Path file;
  private final Map<String, String> filters;

  /**
   * Starts it.
   *
   * @param filters lists of filters by name, as the file has them
   * @param more further settings of the application
   */
  LanesProxy(Path folder, Map<String, String> filters, GuardRegistry guards, String... more)
      throws Exception {
    this(new TestServer("server"), folder, filters, guards, "", more);
  }

  /**
   * Starts it with further pools.
   *
   * @param pools as the file has them, indented by two
   */
  static LanesProxy withPools(Path folder, Map<String, String> filters, String pools)
      throws Exception {
    return new LanesProxy(
        new TestServer("server"),
        folder,
        filters,
        new GuardRegistry(),
        pools,
        "understudy.trusted-proxies=127.0.0.0/8");
  }

  private LanesProxy(
      TestServer server,
      Path folder,
      Map<String, String> filters,
      GuardRegistry guards,
      String pools,
      String... more)
      throws Exception {
    super(
        application(guards),
        Files.writeString(folder.resolve("gateway.yaml"), text(server, filters, pools)),
        Stream.concat(tlsAndPlain(folder).stream(), Stream.of(more)).toList());
    this.server = server;
    this.file = folder.resolve("gateway.yaml");
    this.filters = filters;
    requireLanesAsNamed();
  }

  private static String text(TestServer server, Map<String, String> filters, String more) {
    StringBuilder text =
        new StringBuilder(
            """
            pools:
              p:
                servers:
                  a: { url: "http://127.0.0.1:%d" }
                health: { type: tcp }
            %s
            routes:
            """
                .formatted(server.port(), more));
    filters.forEach(
        (name, list) ->
            text.append(
                """
                  - { id: express-%1$s, uri: "pool://p", predicates: [ "Path=/express/%1$s" ], filters: %2$s }
                  - { id: gateway-%1$s, uri: "pool://p", predicates: [ "Path=/gateway/%1$s", "After=2020-01-01T00:00:00Z" ], filters: %2$s }
                """
                    .formatted(name, list)));
    return text.toString();
  }

  /** Writes the dynamic file anew, with more at its top level. */
  void rewrite(String more) {
    try {
      Files.writeString(file, text(server, filters, more));
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  @Override
  public void close() {
    super.close();
    server.close();
  }
}
