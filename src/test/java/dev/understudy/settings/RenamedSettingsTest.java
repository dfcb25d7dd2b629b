package dev.understudy.settings;

import static org.assertj.core.api.Assertions.assertThat;

import dev.understudy.pool.RenamedSetting;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.springframework.boot.context.properties.bind.BindHandler;
import org.springframework.boot.context.properties.bind.Bindable;
import org.springframework.boot.context.properties.bind.Binder;
import org.springframework.boot.context.properties.bind.handler.NoUnboundElementsBindHandler;
import org.springframework.core.env.MapPropertySource;
import org.springframework.core.env.StandardEnvironment;
import org.springframework.core.env.SystemEnvironmentPropertySource;

/** A renamed static setting is read under its earlier name for two minors, with a warning. */
class RenamedSettingsTest {
  private static final List<RenamedSetting> TABLE =
      List.of(
          new RenamedSetting("understudy.where", "understudy.zone", "1.1"),
          new RenamedSetting("understudy.drain.wait", "understudy.drain.delay", "1.1"),
          new RenamedSetting("understudy.proxies", "understudy.trusted-proxies", "1.1"),
          new RenamedSetting("understudy.scripts", "understudy.hooks", "1.1"));

  private static final String WARNING =
      "is named %s since version 1.1; version 1.4 does not read this name any more";

  @TempDir private Path folder;

  private StaticFile.Findings check(String text) throws IOException {
    Path file = Files.writeString(folder.resolve("a.yaml"), text);
    return StaticFile.check(file, List.of(), new RenamedSettings(TABLE));
  }

  private List<String> lines(List<?> found) {
    return found.stream().map(each -> each.toString().replace(folder + "/", "")).toList();
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      textBlock =
          """
          understudy.where: here           | understudy.where           | understudy.zone
          understudy.drain.wait: 5s        | understudy.drain.wait      | understudy.drain.delay
          understudy.proxies: [10.0.0.0/8] | understudy.proxies         | understudy.trusted-proxies
          understudy.scripts.directory: /  | understudy.scripts         | understudy.hooks
          """)
  void an_earlier_name_is_good_and_warned_of(String setting, String before, String now)
      throws IOException {
    StaticFile.Findings found = check("# mine\n" + setting + "\n");
    assertThat(found.problems()).isEmpty();
    assertThat(lines(found.warnings()))
        .containsExactly("a.yaml:2: " + before + ": " + WARNING.formatted(now));
  }

  @Test
  void a_wrong_value_is_found_under_the_earlier_name_in_its_line() throws IOException {
    assertThat(lines(check("# mine\nunderstudy.drain.wait: -1s\n").problems()))
        .containsExactly("a.yaml:2: understudy.drain.delay: expected zero or more, found \"-1s\"");
  }

  @Test
  void a_name_that_never_was_is_still_unknown() throws IOException {
    assertThat(lines(check("understudy: { where: here, wher: there }\n").problems()))
        .singleElement()
        .asString()
        .contains("understudy.wher: unknown setting");
  }

  /** In one source the present name wins; of two sources, the one that precedes. */
  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      textBlock =
          """
          understudy.where | understudy.zone  | first
          understudy.zone  | understudy.where | first
          understudy.where | understudy.where | first
          """)
  void the_source_that_precedes_wins_under_either_name(String first, String second, String wins) {
    StandardEnvironment environment = new StandardEnvironment();
    environment
        .getPropertySources()
        .addFirst(new MapPropertySource("second", Map.of(second, "second")));
    environment
        .getPropertySources()
        .addFirst(new MapPropertySource("first", Map.of(first, "first")));
    new RenamedSettings(TABLE).in(environment.getPropertySources());
    assertThat(environment.getProperty("understudy.zone")).isEqualTo(wins);
  }

  @Test
  void the_present_name_wins_in_one_source() {
    StandardEnvironment environment = new StandardEnvironment();
    environment
        .getPropertySources()
        .addFirst(
            new MapPropertySource(
                "one", Map.of("understudy.where", "before", "understudy.zone", "now")));
    new RenamedSettings(TABLE).in(environment.getPropertySources());
    assertThat(environment.getProperty("understudy.zone")).isEqualTo("now");
  }

  @Test
  void a_variable_has_an_earlier_name_too() {
    StandardEnvironment environment = new StandardEnvironment();
    environment
        .getPropertySources()
        .replace(
            StandardEnvironment.SYSTEM_ENVIRONMENT_PROPERTY_SOURCE_NAME,
            new SystemEnvironmentPropertySource(
                StandardEnvironment.SYSTEM_ENVIRONMENT_PROPERTY_SOURCE_NAME,
                Map.of("UNDERSTUDY_DRAIN_WAIT", "7s")));
    RenamedSettings renamed = new RenamedSettings(TABLE);
    renamed.in(environment.getPropertySources());
    Map<String, String> bound =
        Binder.get(environment)
            .bind(
                "understudy.drain",
                Bindable.mapOf(String.class, String.class),
                renamed.accepting(new NoUnboundElementsBindHandler(BindHandler.DEFAULT)))
            .get();
    assertThat(bound).containsEntry("delay", "7s");
    assertThat(renamed.warnings())
        .containsExactly(
            "environment variable UNDERSTUDY_DRAIN_WAIT: understudy.drain.wait: "
                + WARNING.formatted("understudy.drain.delay"));
  }
}
