package dev.understudy.haproxy;

import static org.assertj.core.api.Assertions.assertThat;

import dev.understudy.config.ConfigLoader;
import dev.understudy.config.DynamicConfig;
import dev.understudy.config.LoadResult;
import dev.understudy.haproxy.HaproxyImport.Imported;
import dev.understudy.pool.HttpCheck;
import dev.understudy.pool.Pool;
import dev.understudy.reload.OfflineRouteChecker;
import dev.understudy.testing.Certificates;
import dev.understudy.testing.Extent;
import dev.understudy.testing.Rows;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.AutoClose;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** What an import writes is a dynamic file without problems. */
class LoadedImportsTest {
  private static final Path FOLDER = Path.of("src/test/resources/dev/understudy/haproxy");

  /** Last words that many directives do not expect. */
  private static final List<String> ODD =
      List.of("", "text/", "X-Frame-Options:", "0", "-1", "99999999999", "%[", "é", "a b");

  @TempDir private static Path folder;
  @AutoClose private static OfflineRouteChecker gateway;
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

  private static LoadResult load(Imported imported) throws IOException {
    for (Map.Entry<String, String> extra : imported.extraFiles().entrySet()) {
      Files.writeString(folder.resolve(extra.getKey()), extra.getValue());
    }
    return loader.load(Files.writeString(folder.resolve("gateway.yaml"), imported.yaml()));
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
    LoadResult result = load(imported);
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
    LoadResult written = loader.load(Path.of("config/sense.yaml"));
    assertThat(facts(loaded("sense"))).isEqualTo(facts(((LoadResult.Loaded) written).config()));
  }

  private static List<Object> facts(DynamicConfig config) {
    Pool pool = config.pools().getFirst();
    HttpCheck check = (HttpCheck) pool.health().check();
    return List.of(
        pool.mode(),
        pool.servers().stream()
            .map(each -> List.of(each.id(), each.address(), each.rank()))
            .toList(),
        check.method() + " " + check.path(),
        check.expect(),
        pool.health().interval(),
        pool.health().fastInterval(),
        pool.health().fall(),
        pool.failback());
  }

  /** The problems that no file of the other machine would solve. */
  private static String problems(String text) throws IOException {
    if (!(Imports.of(text) instanceof Imported imported)) {
      return "";
    }
    if (!(load(imported) instanceof LoadResult.Rejected rejected)) {
      return "";
    }
    List<String> problems =
        rejected.problems().stream()
            .filter(each -> !each.property().contains(".tls."))
            .filter(each -> !each.expected().contains(" file"))
            .map(Object::toString)
            .toList();
    return problems.isEmpty() ? "" : problems + "\n" + imported.yaml();
  }

  /** Lines divided by {@code ;}, of a frontend. */
  @Rows(
      """
      compression algo gzip ; compression type text/
      compression algo gzip ; compression type text application/json; nonsense/x/y
      http-response set-header X-Frame-Options: DENY
      http-response add-header X-Frame-Options: DENY
      http-response del-header X-Frame-Options:
      http-response replace-header X-Frame-Options: a b
      http-response replace-value X-Frame-Options: a b
      http-after-response set-header X-Frame-Options: DENY
      http-request set-header X-Frame-Options: DENY
      http-request replace-value X-Frame-Options: a b
      http-request return status 200 hdr X-Frame-Options: DENY
      http-response set-status 99
      http-request deny status 99
      redirect scheme https code 399
      # a frontend of redirects alone needs no pool
      defaults ; mode http ; frontend web ; bind :80 ; redirect scheme https code 301
      # nothing is served
      global ; maxconn 10
      """)
  void a_file_loads_whatever_the_import_leaves_out(String lines) throws IOException {
    assertThat(problems(ImportRow.text(lines))).isEmpty();
  }

  @Test
  void without_a_bind_its_routes_are_served_on_the_main_port() throws IOException {
    String text = Imports.front().replace("  bind :80\n", "");
    assertThat(problems(text)).isEmpty();
    assertThat(Imports.good(text).yaml()).contains("served on the main port", "pool://app");
  }

  @Test
  void with_nothing_left_that_is_served_there_is_a_route_that_refuses() throws IOException {
    String text = Imports.front().replace("  bind :80\n", "  bind :80 ssl ca-verify-file x\n");
    assertThat(problems(text)).isEmpty();
    assertThat(Imports.good(text).yaml()).contains("Nothing that is served is left", "Deny=503");
  }

  /** Without each of its lines, and with other last words on each. */
  @Rows(
      """
      master-and-backup
      paths-and-hosts
      rules-before-backends
      tls-and-redirects
      stick-tables-and-peers
      postgresql
      redis
      """)
  @Tag(Extent.SLOW)
  void the_file_of_a_mutilated_configuration_loads(String name) throws IOException {
    List<String> lines = Files.readAllLines(FOLDER.resolve(name + ".cfg"));
    List<String> wrong = new ArrayList<>();
    for (Change change : changes(lines)) {
      List<String> changed = new ArrayList<>(lines);
      changed.set(change.index(), change.line());
      String problems = problems(String.join("\n", changed) + "\n");
      if (!problems.isEmpty()) {
        wrong.add(change + ": " + problems.lines().findFirst().orElse(""));
      }
    }
    assertThat(wrong).isEmpty();
  }

  private record Change(int index, String line) {}

  private static List<Change> changes(List<String> lines) {
    List<Change> changes = new ArrayList<>();
    for (int i = 0; i < lines.size(); i++) {
      String line = lines.get(i).stripTrailing();
      if (line.isEmpty() || line.strip().startsWith("#")) {
        continue;
      }
      changes.add(new Change(i, ""));
      String before = line.substring(0, Math.max(line.lastIndexOf(' '), 0));
      for (String odd : ODD) {
        changes.add(new Change(i, before + " " + odd));
      }
    }
    return changes;
  }
}
