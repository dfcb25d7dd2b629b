package dev.understudy.haproxy;

import static org.assertj.core.api.Assertions.assertThat;

import dev.understudy.config.ConfigLoader;
import dev.understudy.config.LoadResult;
import dev.understudy.haproxy.HaproxyImport.Imported;
import dev.understudy.reload.OfflineRouteChecker;
import dev.understudy.testing.Extent;
import dev.understudy.testing.Rows;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Whatever an import leaves out, the file that it writes loads. */
@Tag(Extent.FULL)
class WrittenFilesLoadTest {
  private static final Path FOLDER = Path.of("src/test/resources/dev/understudy/haproxy");

  /** Last words that many directives do not expect. */
  private static final List<String> ODD =
      List.of("", "text/", "X-Frame-Options:", "0", "-1", "99999999999", "%[", "é", "a b");

  @TempDir private static Path folder;
  private static OfflineRouteChecker gateway;
  private static ConfigLoader loader;

  @BeforeAll
  static void open() {
    gateway = new OfflineRouteChecker();
    loader = new ConfigLoader(gateway);
  }

  @AfterAll
  static void close() {
    gateway.close();
  }

  /** The problems that no file of the other machine would solve. */
  private static String problems(String text) throws IOException {
    if (!(Imports.of(text) instanceof Imported imported)) {
      return "";
    }
    for (Map.Entry<String, String> extra : imported.extraFiles().entrySet()) {
      Files.writeString(folder.resolve(extra.getKey()), extra.getValue());
    }
    byte[] yaml = imported.yaml().getBytes(StandardCharsets.UTF_8);
    if (!(loader.load(folder.resolve("gateway.yaml"), yaml)
        instanceof LoadResult.Rejected rejected)) {
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

  @ParameterizedTest
  @ValueSource(
      strings = {
        "compression algo gzip\n  compression type text/",
        "compression algo gzip\n  compression type text application/json; nonsense/x/y",
        "http-response set-header X-Frame-Options: DENY",
        "http-response add-header X-Frame-Options: DENY",
        "http-response del-header X-Frame-Options:",
        "http-response replace-header X-Frame-Options: a b",
        "http-response replace-value X-Frame-Options: a b",
        "http-after-response set-header X-Frame-Options: DENY",
        "http-request set-header X-Frame-Options: DENY",
        "http-request replace-value X-Frame-Options: a b",
        "http-request return status 200 hdr X-Frame-Options: DENY",
        "http-response set-status 99",
        "http-request deny status 99",
        "redirect scheme https code 399",
      })
  void with_a_line_that_has_no_form_here(String line) throws IOException {
    assertThat(problems(Imports.front(line))).isEmpty();
  }

  @Test
  void a_frontend_of_redirects_alone_needs_no_pool() throws IOException {
    assertThat(
            problems(
                "defaults\n  mode http\nfrontend web\n  bind :80\n"
                    + "  redirect scheme https code 301\n"))
        .isEmpty();
  }

  @Test
  void without_a_bind_its_routes_are_served_on_the_main_port() throws IOException {
    String text = Imports.front().replace("  bind :80\n", "");
    assertThat(problems(text)).isEmpty();
    assertThat(Imports.good(text).yaml()).contains("served on the main port", "pool://app");
  }

  @Test
  void with_nothing_left_that_is_served() throws IOException {
    String text = Imports.front().replace("  bind :80\n", "  bind :80 ssl ca-verify-file x\n");
    assertThat(problems(text)).isEmpty();
    assertThat(Imports.good(text).yaml()).contains("Nothing that is served is left", "Deny=503");
    assertThat(problems("global\n  maxconn 10\n")).isEmpty();
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
  void the_file_of_a_mutilated_configuration_loads(String name) throws IOException {
    List<String> lines = Files.readAllLines(FOLDER.resolve(name + ".cfg"));
    List<String> wrong = new ArrayList<>();
    for (Change change : Extent.sample(changes(lines))) {
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
