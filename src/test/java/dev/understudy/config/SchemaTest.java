package dev.understudy.config;

import static org.assertj.core.api.Assertions.assertThat;

import com.networknt.schema.InputFormat;
import com.networknt.schema.Schema;
import com.networknt.schema.SchemaRegistry;
import com.networknt.schema.SpecificationVersion;
import dev.understudy.pages.GeneratedText;
import dev.understudy.pages.Pages;
import dev.understudy.pages.SettingsPage;
import dev.understudy.pages.SourceComments;
import dev.understudy.pool.FailbackSettings;
import dev.understudy.pool.HoldSettings;
import dev.understudy.pool.PassiveSettings;
import dev.understudy.pool.Pool;
import dev.understudy.pool.SectionType.Component;
import dev.understudy.testing.Extent;
import dev.understudy.testing.Rows;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;
import org.junit.jupiter.params.provider.ValueSource;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

/** The schema that editors use, the records and the examples say the same. */
@Tag(Extent.FULL)
class SchemaTest {
  private static final Path CONFIG = Path.of("config");
  private static final JsonNode TREE =
      JsonMapper.shared().readTree(read(CONFIG.resolve("gateway.schema.json")));
  private static final Schema SCHEMA =
      SchemaRegistry.withDefaultDialect(SpecificationVersion.DRAFT_2020_12).getSchema(TREE);

  @ParameterizedTest
  @ValueSource(strings = {"gateway.yaml", "sense.yaml"})
  void examples_fit_the_schema_load_and_name_it(String name) {
    Path file = CONFIG.resolve(name);
    assertThat(SCHEMA.validate(read(file), InputFormat.YAML)).isEmpty();
    LoadResult result = new ConfigLoader(RouteChecker.NONE).load(file);
    assertThat(Texts.good(result).routes()).isNotEmpty();
    assertThat(((LoadResult.Loaded) result).warnings()).isEmpty();
    assertThat(read(file)).startsWith("# yaml-language-server: $schema=gateway.schema.json\n");
  }

  @Test
  void the_commented_settings_of_the_example_are_good_too() {
    String text = read(CONFIG.resolve("gateway.yaml"));
    int settings = text.indexOf("pools:");
    String all =
        text.substring(settings)
            .lines()
            .map(line -> line.replaceFirst("^( *)# (?=[ a-z-])", "$1"))
            .reduce("", (a, b) -> a + b + "\n")
            .replace("default-filters: []", "default-filters:")
            .replace("${file:/run/secrets/probe-token}", "x")
            .replace("[ site.pem ]", "[ src/test/resources/dev/understudy/config/site.pem ]")
            .replace(" ca.pem", " src/test/resources/dev/understudy/config/ca.pem")
            .replace(" revoked.pem", " src/test/resources/dev/understudy/config/revoked.pem")
            .replace("/etc/understudy/users", "src/test/resources/dev/understudy/config/users");
    assertThat(Texts.lines(all)).isEmpty();
    assertThat(SCHEMA.validate(all, InputFormat.YAML)).isEmpty();
    assertThat(FullFile.keysOf(all).stream().map(FullFile.Key::pattern))
        .containsAll(
            FullFile.allKeys().stream()
                .filter(
                    key ->
                        !key.endsWith("max-requests")
                            && !key.endsWith("weight")
                            && !key.endsWith("count")
                            && !key.endsWith("health-port")
                            && !key.endsWith("health-host")
                            && !key.endsWith("role-label")
                            && !key.contains("servers.*.pods")
                            && !key.endsWith("servers.*.zone")
                            && !key.endsWith("demote.required"))
                .toList());
    Pool pool = Texts.good(all).pools().get(0);
    assertThat(pool.settings().passive()).isEqualTo(PassiveSettings.DEFAULT);
    assertThat(pool.settings().hold()).isEqualTo(HoldSettings.DEFAULT);
    assertThat(pool.failback()).isEqualTo(FailbackSettings.DEFAULT);
  }

  @Test
  void the_reference_of_the_dynamic_file_loads_and_fits() {
    Path file = Path.of("src/test/resources/dev/understudy/config/reference.yaml");
    assertThat(Texts.problems(new ConfigLoader(RouteChecker.NONE).load(file))).isEmpty();
    assertThat(SCHEMA.validate(read(file), InputFormat.YAML)).isEmpty();
  }

  @Test
  void the_full_file_fits_the_schema() {
    assertThat(SCHEMA.validate(FullFile.text(), InputFormat.YAML)).isEmpty();
  }

  @Test
  void the_schema_is_made_from_the_records() {
    GeneratedText.require(CONFIG.resolve("gateway.schema.json"), SettingsSchema.text(TREE));
  }

  @Test
  void the_tables_of_the_reference_are_made_from_the_records() {
    Map<String, Component> settings = new LinkedHashMap<>();
    SettingsReference.visit("", RawFile.class, settings::put);
    for (Path page : Pages.ofUsers()) {
      GeneratedText.require(
          page, SettingsReference.page(Pages.read(page), settings, "At the top of the file:"));
    }
    assertThat(SettingsPage.dynamicSettings())
        .extracting(SettingsPage.Row::name)
        .containsExactlyInAnyOrderElementsOf(settings.keySet());
    assertThat(settings)
        .allSatisfy((path, each) -> assertThat(SourceComments.of(each.of())).as(path).isNotEmpty());
  }

  @Rows(
      """
      auto
      Sen1
      -
      a.b
      """)
  void an_editor_marks_names_that_no_server_may_have(String name) {
    String good = "pools: { auto: { servers: { NAME: { url: 'http://a' } } } }\n" + Texts.ROUTE;
    assertThat(SCHEMA.validate(good.replace("NAME", "auto2"), InputFormat.YAML)).isEmpty();
    assertThat(SCHEMA.validate(good.replace("NAME", name), InputFormat.YAML)).isNotEmpty();
  }

  static List<Breakage.Broken> broken() {
    return Extent.sample(
        Breakage.of(FullFile.text()).stream()
            .filter(
                each ->
                    Stream.of("misspelt", "missing", "a map", "a list", "nothing there", "empty")
                        .anyMatch(each.what()::startsWith))
            .toList());
  }

  @ParameterizedTest
  @MethodSource("broken")
  void an_editor_marks_the_same_faults(Breakage.Broken broken) {
    assertThat(SCHEMA.validate(broken.text(), InputFormat.YAML)).as(broken.what()).isNotEmpty();
  }

  private static String read(Path file) {
    try {
      return Files.readString(file);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }
}
