package dev.understudy.command;

import static org.assertj.core.api.Assertions.assertThat;

import dev.understudy.pages.MarkdownTable;
import dev.understudy.testing.EarlierRecords;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import org.springframework.boot.env.YamlPropertySourceLoader;
import org.springframework.core.env.EnumerablePropertySource;
import org.springframework.core.io.ByteArrayResource;
import org.yaml.snakeyaml.Yaml;

/** The settings of the last release are good, but for what {@code deploy/from-0.9.md} lists. */
class EarlierSettingsTest {
  private static final Path SETTINGS = EarlierRecords.FOLDER.resolve("settings");
  private static final Path PAGE = Path.of("deploy/from-0.9.md");
  private static final String HEADER = "| setting | what `validate` says |";

  /** One of the three may be set. */
  private static final Set<String> OTHER_FORMS_OF_THE_TOKEN =
      Set.of("understudy.admin.token-file", "understudy.admin.tokens-file");

  @TempDir private Path folder;

  /** What is said of a file, behind its name and line. */
  private static List<String> findings(String... arguments) {
    TestProgram.Ran ran = TestProgram.run(arguments);
    assertThat(ran.status()).as(ran.out() + ran.errors()).isZero();
    return (ran.out() + ran.errors())
        .lines()
        .filter(line -> line.matches(".*:\\d+: .*"))
        .map(line -> line.replaceFirst("^.*?:\\d+: ", ""))
        .toList();
  }

  @ParameterizedTest
  @ValueSource(strings = {"gateway.yaml", "sense.yaml"})
  void an_example_of_a_dynamic_file_is_good(String name) {
    assertThat(findings("validate", SETTINGS.resolve(name).toString())).isEmpty();
  }

  /** With its files; the certificate and the list of the test are expired. */
  @Test
  void every_dynamic_setting_is_read() throws IOException {
    String text =
        Files.readString(SETTINGS.resolve("full.yaml"))
            .replace("src/test/", Path.of("src/test").toAbsolutePath() + "/");
    Path file = Files.writeString(folder.resolve("full.yaml"), text);
    TestProgram.Ran ran = TestProgram.run("validate", file.toString());
    assertThat((ran.out() + ran.errors()).lines())
        .filteredOn(line -> line.matches(".*:\\d+: .*") && !line.contains(": warning: "))
        .isEmpty();
  }

  @Test
  void the_dynamic_file_in_the_values_of_the_chart_is_good() throws IOException {
    Object values = new Yaml().load(Files.readString(SETTINGS.resolve("values.yaml")));
    String gateway = (String) ((Map<?, ?>) values).get("gateway");
    Path file = Files.writeString(folder.resolve("gateway.yaml"), gateway);
    assertThat(findings("validate", file.toString())).isEmpty();
  }

  @Test
  void the_chart_has_every_value_of_the_release() throws IOException {
    Set<String> now = new TreeSet<>();
    Set<String> earlier = new TreeSet<>();
    keys("", new Yaml().load(Files.readString(Path.of("deploy/helm/understudy/values.yaml"))), now);
    keys("", new Yaml().load(Files.readString(SETTINGS.resolve("values.yaml"))), earlier);
    assertThat(now).containsAll(earlier);
  }

  private static void keys(String prefix, Object value, Set<String> to) {
    if (value instanceof Map<?, ?> map) {
      map.forEach(
          (key, below) -> {
            to.add(prefix + key);
            keys(prefix + key + ".", below, to);
          });
    }
  }

  @Test
  void static_settings_are_read_with_the_warnings_of_the_page() {
    List<String> expected =
        MarkdownTable.rows(PAGE, HEADER).stream()
            .map(row -> "warning: " + MarkdownTable.code(row.get(1)).getFirst())
            .toList();
    assertThat(findings("validate", "--static", SETTINGS.resolve("static.yaml").toString()))
        .isEqualTo(expected);
  }

  /** As the commented example of the release has them. */
  @Test
  void the_file_of_static_settings_has_all_of_the_release() throws IOException {
    String example =
        Files.readString(SETTINGS.resolve("application.yaml"))
            .lines()
            .skip(3)
            .map(line -> line.replaceFirst("^( *)# ", "$1"))
            .reduce("", (all, line) -> all + line + "\n");
    Set<String> all = names(example);
    Set<String> given = names(Files.readString(SETTINGS.resolve("static.yaml")));
    all.removeAll(OTHER_FORMS_OF_THE_TOKEN);
    assertThat(given).containsAll(all);
  }

  private static Set<String> names(String text) throws IOException {
    byte[] bytes = text.getBytes(StandardCharsets.UTF_8);
    var source =
        (EnumerablePropertySource<?>)
            new YamlPropertySourceLoader().load("a", new ByteArrayResource(bytes)).getFirst();
    Set<String> names = new TreeSet<>();
    for (String name : source.getPropertyNames()) {
      if (name.startsWith("understudy.")) {
        names.add(name.replaceFirst("\\[\\d+]$", "").replaceFirst("\\.headers\\..*", ".headers"));
      }
    }
    return names;
  }
}
