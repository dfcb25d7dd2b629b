package dev.understudy.conformance.migration;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/**
 * HAProxy with configurations at random, as frontends of one file, and Understudy with what {@code
 * import} made of them: both respond alike to requests at random. The seed is fixed, so that a
 * difference comes again.
 */
class RandomMigrationIT {
  private static final long SEED = 20;
  private static final int SITES = 40;
  private static final int REQUESTS = 20;

  @TempDir private Path folder;

  @Test
  void both_respond_alike() throws Exception {
    RandomSites sites = new RandomSites(SEED);
    Path file = Files.writeString(folder.resolve("haproxy.cfg"), sites.file(SITES));
    List<String> ports = new ArrayList<>();
    for (int site = 0; site < SITES; site++) {
      ports.add("P" + site);
    }
    Map<String, Seen> differing = new LinkedHashMap<>();
    try (EchoServer a = EchoServer.start("A");
        EchoServer b = EchoServer.start("B");
        EchoServer c = EchoServer.start("C");
        Migration migration = Migration.start(folder, file, variables(a, b, c), ports)) {
      for (int site = 0; site < SITES; site++) {
        for (int i = 0; i < REQUESTS; i++) {
          Row row = Row.of(sites.row(site));
          Seen expected = migration.haproxy(row);
          Seen seen = migration.understudy(row).besides(expected);
          if (!seen.equals(expected)) {
            differing.put(row.text() + " => " + expected, seen);
          }
        }
      }
    }
    assertThat(differing).as(Files.readString(file)).isEmpty();
  }

  private static Map<String, String> variables(EchoServer a, EchoServer b, EchoServer c) {
    return Map.of(
        "A", Integer.toString(a.port()),
        "B", Integer.toString(b.port()),
        "C", Integer.toString(c.port()));
  }
}
