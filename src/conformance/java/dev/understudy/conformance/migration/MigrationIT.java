package dev.understudy.conformance.migration;

import static org.assertj.core.api.Assertions.assertThat;

import dev.understudy.testing.Await;
import dev.understudy.testing.Certificates;
import dev.understudy.testing.Extent;
import dev.understudy.testing.FakeNameServer;
import java.io.IOException;
import java.net.InetAddress;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/**
 * HAProxy with a configuration, and Understudy with what {@code import} made of it, before the same
 * servers: the same requests and faults give the same responses, and servers get the same requests.
 */
class MigrationIT {
  private static final Path CASES = Path.of("src/conformance/haproxy");

  /** The time within which both must notice an event. */
  private static final long LONGEST_NANOS = 60_000_000_000L;

  /**
   * After an event: how long both must respond alike. Longer than the slower one needs to see an
   * event: until then they respond alike too, as before.
   */
  private static final long STEADY_NANOS = 2_000_000_000L;

  @TempDir private Path folder;
  private final Map<String, EchoServer> servers = new LinkedHashMap<>();
  private final Map<String, String> shared = new LinkedHashMap<>();
  private final FakeNameServer names = new FakeNameServer();
  private Certificates certificates;

  static List<String> cases() throws IOException {
    try (Stream<Path> files = Files.list(CASES)) {
      return Extent.sample(
          files
              .map(file -> file.getFileName().toString())
              .filter(name -> name.endsWith(".requests"))
              .map(name -> name.replace(".requests", ""))
              .sorted()
              .toList());
    }
  }

  @BeforeEach
  void start() throws Exception {
    for (String name : List.of("A", "B", "C", "D")) {
      EchoServer server = EchoServer.start(name);
      servers.put(name, server);
      shared.put(name, Integer.toString(server.port()));
    }
    names.answer("app.example", 60, InetAddress.getLoopbackAddress());
    shared.put("DNS", Integer.toString(names.address().getPort()));
    shared.put("LISTS", CASES.toAbsolutePath().toString());
    certificates = new Certificates(folder);
    Path sites = Files.createDirectory(folder.resolve("sites"));
    for (String site : List.of("www.example.com", "shop.example.com")) {
      certificates.issue(site, site);
      Files.writeString(
          sites.resolve(site + ".pem"),
          Files.readString(certificates.chain(site)) + Files.readString(certificates.key(site)));
    }
    shared.put("SITES", sites.toString());
    shared.put("SITE", sites.resolve("www.example.com.pem").toString());
  }

  @AfterEach
  void stop() throws IOException {
    for (EchoServer server : servers.values()) {
      server.close();
    }
    names.close();
  }

  @ParameterizedTest
  @MethodSource("cases")
  void both_respond_alike(String name) throws Exception {
    Path file = CASES.resolve(name + ".cfg").toAbsolutePath();
    List<Row> rows =
        Files.readAllLines(CASES.resolve(name + ".requests")).stream().map(Row::of).toList();
    try (Migration migration =
        Migration.start(folder, file, shared, List.of("WEB", "SECURE", "STATS"))) {
      boolean fresh = true;
      for (Row row : rows) {
        if (row.event()) {
          obey(row);
          fresh = true;
        } else {
          compare(migration, row, fresh);
          fresh = false;
        }
      }
      assertThat(migration.process().status("/actuator/health/liveness")).isEqualTo(200);
    }
  }

  private void obey(Row row) throws IOException {
    EchoServer server = servers.get(row.target());
    switch (row.method()) {
      case "kill" -> server.kill();
      case "restore" -> server.restore();
      case "unhealthy" -> server.setUnhealthy();
      default -> throw new IllegalArgumentException(row.text());
    }
  }

  /**
   * @param fresh after an event, which each notices in its own time
   */
  private static void compare(Migration migration, Row row, boolean fresh) throws Exception {
    Seen expected = migration.haproxy(row);
    Seen seen = migration.understudy(row).besides(expected);
    long begun = System.nanoTime();
    long differed = begun;
    while (fresh
        && System.nanoTime() - begun < LONGEST_NANOS
        && System.nanoTime() - differed < STEADY_NANOS) {
      Await.until("a moment", settled());
      expected = migration.haproxy(row);
      seen = migration.understudy(row).besides(expected);
      differed = seen.equals(expected) ? differed : System.nanoTime();
    }
    assertThat(seen).as("%s%n%s", row.text(), migration.report()).isEqualTo(expected);
  }

  private static java.util.concurrent.Callable<Boolean> settled() {
    long until = System.nanoTime() + 50_000_000;
    return () -> System.nanoTime() - until > 0;
  }
}
