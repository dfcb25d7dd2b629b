package dev.understudy.haproxy;

import static org.assertj.core.api.Assertions.assertThat;

import dev.understudy.config.ConfigLoader;
import dev.understudy.config.DynamicConfig;
import dev.understudy.config.LoadResult;
import dev.understudy.haproxy.HaproxyImport.Imported;
import dev.understudy.pool.HttpCheck;
import dev.understudy.pool.Pool;
import dev.understudy.pool.Server;
import dev.understudy.reload.OfflineRouteChecker;
import dev.understudy.testing.Certificates;
import dev.understudy.testing.Rows;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** What an import writes is a dynamic file without problems. */
class LoadedImportsTest {
  private static final Path FOLDER = Path.of("src/test/resources/dev/understudy/haproxy");

  @TempDir private static Path folder;
  private static OfflineRouteChecker gateway;
  private static ConfigLoader loader;

  @BeforeAll
  static void open() throws Exception {
    gateway = new OfflineRouteChecker();
    loader = new ConfigLoader(gateway);
    Certificates certificates = new Certificates(folder);
    certificates.issue("site", "www.example.com");
    String chain = Files.readString(certificates.chain("site"));
    String both = chain + "\n" + Files.readString(certificates.key("site"));
    for (String name : new String[] {"site.pem", "other.pem", "both.pem"}) {
      Files.writeString(folder.resolve(name), both);
    }
    Files.writeString(folder.resolve("ca.pem"), chain);
  }

  @AfterAll
  static void close() {
    gateway.close();
  }

  private static DynamicConfig loaded(String name) throws IOException {
    String text =
        Files.readString(FOLDER.resolve(name + ".cfg"))
            .replace("CERTS", folder.toString())
            .replace("/etc/ssl/both.pem", folder.resolve("both.pem").toString());
    Imported imported =
        (Imported)
            Imports.of(
                text,
                Map.of(),
                Map.of("/etc/haproxy/errors/503.http", "HTTP/1.0 503 X\r\n\r\n<p>Back soon</p>"));
    for (Map.Entry<String, String> extra : imported.extraFiles().entrySet()) {
      Files.writeString(folder.resolve(extra.getKey()), extra.getValue());
    }
    Path file = Files.writeString(folder.resolve(name + ".yaml"), imported.yaml());
    LoadResult result = loader.load(file);
    assertThat(result).as(imported.yaml()).isInstanceOf(LoadResult.Loaded.class);
    return ((LoadResult.Loaded) result).config();
  }

  @Rows(
      """
      backend-alone
      master-and-backup
      paths-and-hosts
      rules-before-backends
      tls-and-redirects
      stick-tables-and-peers
      postgresql
      redis
      """)
  void an_import_has_no_problems(String name) throws IOException {
    assertThat(loaded(name).pools()).isNotEmpty();
  }

  @Test
  void the_pool_of_the_example_is_the_one_that_was_written_by_hand() throws IOException {
    Pool imported = loaded("sense").pools().getFirst();
    LoadResult written = loader.load(Path.of("config/sense.yaml"));
    Pool pool = ((LoadResult.Loaded) written).config().pools().getFirst();

    assertThat(imported.mode()).isEqualTo(pool.mode());
    assertThat(imported.servers())
        .extracting(Server::id, Server::address, Server::rank)
        .isEqualTo(
            pool.servers().stream()
                .map(
                    each ->
                        org.assertj.core.groups.Tuple.tuple(each.id(), each.address(), each.rank()))
                .toList());
    HttpCheck check = (HttpCheck) imported.health().check();
    HttpCheck expected = (HttpCheck) pool.health().check();
    assertThat(check.method() + " " + check.path())
        .isEqualTo(expected.method() + " " + expected.path());
    assertThat(check.expect()).isEqualTo(expected.expect());
    assertThat(imported.health().interval()).isEqualTo(pool.health().interval());
    assertThat(imported.health().fastInterval()).isEqualTo(pool.health().fastInterval());
    assertThat(imported.health().fall()).isEqualTo(pool.health().fall());
    assertThat(imported.failback()).isEqualTo(pool.failback());
  }
}
