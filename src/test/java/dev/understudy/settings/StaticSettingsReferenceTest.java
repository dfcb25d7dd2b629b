package dev.understudy.settings;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatCode;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.understudy.config.SettingsReference;
import dev.understudy.pages.GeneratedText;
import dev.understudy.pages.MarkdownTable;
import dev.understudy.pages.Pages;
import dev.understudy.pages.SettingsPage;
import dev.understudy.pages.SettingsPage.Row;
import dev.understudy.pages.SourceComments;
import dev.understudy.pool.SectionType;
import dev.understudy.pool.SectionType.Component;
import dev.understudy.proxy.listener.ListenerProperties;
import dev.understudy.telemetry.EventLogger;
import dev.understudy.traffic.Limit;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.net.URL;
import java.nio.file.Path;
import java.util.Collections;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.FieldSource;
import org.junit.jupiter.params.provider.MethodSource;
import org.springframework.beans.BeanUtils;
import org.springframework.beans.PropertyAccessorFactory;
import org.springframework.boot.autoconfigure.ssl.PemSslBundleProperties;
import org.springframework.boot.context.properties.bind.BindException;
import org.springframework.boot.context.properties.bind.Binder;
import org.springframework.boot.context.properties.source.MapConfigurationPropertySource;
import org.springframework.boot.convert.DurationStyle;
import org.springframework.boot.env.YamlPropertySourceLoader;
import org.springframework.core.env.PropertySource;
import org.springframework.core.io.ClassPathResource;
import org.springframework.util.unit.DataSize;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

/** The tables of static settings in {@code config/reference.md} are those of the records. */
class StaticSettingsReferenceTest {
  private static final Map<String, Component> SETTINGS = settings();
  private static final List<Row> ROWS = SettingsPage.staticSettings();
  private static final List<Row> SPRING = SettingsPage.springSettings();

  private static final Pattern FROM_TO = Pattern.compile("(\\w+) to (\\w+)");
  private static final Pattern OR_MORE = Pattern.compile("(\\w+) or more");
  private static final String PEM = "spring.ssl.bundle.pem.*.";

  /** {@code a.b}, {@code a.b: value} or {@code a.b=value}. */
  private static final Pattern MENTIONED =
      Pattern.compile("((?:[a-z0-9-]+)(?:\\.[a-zA-Z0-9*-]+)+)(?:[:=].*)?");

  private static final Pattern AFTER_DASH = Pattern.compile("-(.)");

  /** Spring Boot has false for it; here it is true with TLS, unless somebody sets it. */
  private static final String WITH_TLS = "server.http2.enabled";

  private static final Map<String, JsonNode> METADATA = metadata();

  @Test
  void the_tables_of_the_reference_are_made_from_the_records() {
    for (Path page : Pages.ofUsers()) {
      GeneratedText.require(page, SettingsReference.page(Pages.read(page), SETTINGS, "none"));
    }
    assertThat(ROWS).extracting(Row::name).containsExactlyInAnyOrderElementsOf(SETTINGS.keySet());
    assertThat(SETTINGS)
        .allSatisfy((path, each) -> assertThat(SourceComments.of(each.of())).as(path).isNotEmpty());
  }

  private static Stream<Row> measures() {
    return ROWS.stream().filter(row -> List.of("number", "size", "duration").contains(row.type()));
  }

  @ParameterizedTest
  @MethodSource("measures")
  void its_range_is_taken_to_its_ends_and_nothing_beyond(Row row) {
    Matcher fromTo = FROM_TO.matcher(row.range());
    Matcher orMore = OR_MORE.matcher(row.range());
    if (fromTo.matches()) {
      assertTaken(row, fromTo.group(1), 0);
      assertRefused(row, fromTo.group(1), -1);
      assertTaken(row, fromTo.group(2), 0);
      assertRefused(row, fromTo.group(2), 1);
    } else if (orMore.matches()) {
      assertTaken(row, orMore.group(1), 0);
      assertRefused(row, orMore.group(1), -1);
    } else {
      assertThat(row.range()).isEqualTo("more than 0");
      assertTaken(row, "0s", 1);
      assertRefused(row, "0s", 0);
    }
  }

  private static void assertTaken(Row row, String value, int plus) {
    assertThatCode(() -> bind(row, value, plus)).doesNotThrowAnyException();
  }

  private static void assertRefused(Row row, String value, int plus) {
    assertThatThrownBy(() -> bind(row, value, plus)).isInstanceOf(BindException.class);
  }

  /** Binds the value and so many of the smallest unit. */
  private static void bind(Row row, String value, int plus) {
    String text =
        switch (row.type()) {
          case "number" -> String.valueOf(Long.parseLong(value) + plus);
          case "size" -> DataSize.parse(value).toBytes() + plus + "B";
          default -> DurationStyle.SIMPLE.parse(value).plusMillis(plus).toMillis() + "ms";
        };
    var unused =
        new Binder(new MapConfigurationPropertySource(Map.of(row.name(), text)))
            .bindOrCreate("understudy", StaticSettings.class);
  }

  @ParameterizedTest
  @FieldSource("SPRING")
  void settings_of_spring_boot_are_there_with_the_defaults_of_the_program(Row row)
      throws IOException {
    Object preset = ownDefault(row.name());
    if (preset == null && !row.name().equals(WITH_TLS)) {
      preset = row.name().startsWith(PEM) ? ofPem(row.name()) : ofMetadata(row.name());
    }
    if (preset == null) {
      assertThat(row.isUnset()).as(row.preset()).isTrue();
    } else {
      assertThat(row.preset()).isEqualTo("`" + preset + "`");
    }
  }

  /** Those of pools and listeners as {@code SECTION.NAME}; a name may stand for all below it. */
  @Test
  void every_setting_that_a_page_mentions_exists() {
    Set<String> known = new TreeSet<>(SETTINGS.keySet());
    known.add(EventLogger.LOGGER);
    known.addAll(METADATA.keySet());
    known.addAll(SettingsPage.spanAttributes());
    SETTINGS
        .keySet()
        .forEach(name -> known.add(name.replaceFirst("^understudy\\.(hooks|tls)\\.", "$1.")));
    SettingsPage.dynamicSettings()
        .forEach(row -> known.add(row.name().replaceFirst("^(pools|listeners)\\.\\*\\.", "")));
    Set<String> sections =
        known.stream().map(name -> name.replaceFirst("\\..*", "")).collect(Collectors.toSet());

    List<String> mentioned =
        Pages.ofUsers().stream()
            .filter(page -> !page.endsWith("from-haproxy.md")) // has HAProxy's words
            .flatMap(page -> MarkdownTable.code(Pages.read(page)).stream())
            .map(MENTIONED::matcher)
            .filter(Matcher::matches)
            .map(name -> name.group(1))
            .filter(name -> sections.contains(name.replaceFirst("\\..*", "")))
            .map(name -> name.replaceFirst("\\.NAME.*", ""))
            .toList();
    assertThat(mentioned)
        .isNotEmpty()
        .allSatisfy(
            name ->
                assertThat(known)
                    .as(name)
                    .anyMatch(each -> each.equals(name) || each.startsWith(name + ".")));
  }

  @Test
  void bounds_of_http2_are_counted_as_limits_that_there_are() {
    assertThat(
            MarkdownTable.rows(
                Path.of("config/protocols.md"),
                "| frames on one connection | at most | counted as |"))
        .hasSize(6)
        .extracting(row -> Limit.valueOf(MarkdownTable.code(row.get(2)).getFirst()))
        .doesNotContainNull();
  }

  /** The default that the program's own {@code application.yaml} sets; null: none. */
  private static Object ownDefault(String name) throws IOException {
    PropertySource<?> own =
        new YamlPropertySourceLoader()
            .load("own", new ClassPathResource("application.yaml"))
            .getFirst();
    return own.getProperty(name);
  }

  /** The default; null: there is none. A setting that does not exist fails. */
  private static Object ofPem(String name) {
    String property =
        AFTER_DASH
            .matcher(name.substring(PEM.length()))
            .replaceAll(letter -> letter.group(1).toUpperCase(Locale.ROOT));
    return PropertyAccessorFactory.forBeanPropertyAccess(
            BeanUtils.instantiateClass(PemSslBundleProperties.class))
        .getPropertyValue(property);
  }

  /** The same of all other settings. */
  private static Object ofMetadata(String name) {
    JsonNode found = METADATA.get(name.replace(".*", ""));
    assertThat(found).as(name).isNotNull();
    assertThat(found.path("type").asString().startsWith("java.util.Map"))
        .isEqualTo(name.endsWith(".*"));
    return found.has("defaultValue") ? found.path("defaultValue").asString() : null;
  }

  /** The metadata of all settings that jars of the class path describe, by name. */
  private static Map<String, JsonNode> metadata() {
    Map<String, JsonNode> all = new HashMap<>();
    try {
      for (URL each :
          Collections.list(
              StaticSettingsReferenceTest.class
                  .getClassLoader()
                  .getResources("META-INF/spring-configuration-metadata.json"))) {
        try (InputStream in = each.openStream()) {
          JsonMapper.shared()
              .readTree(in)
              .path("properties")
              .forEach(property -> all.put(property.path("name").asString(), property));
        }
      }
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
    return all;
  }

  /** Every setting with the component that it is bound to. */
  private static Map<String, Component> settings() {
    Map<String, Component> all = new LinkedHashMap<>();
    SettingsReference.visit("understudy", StaticSettings.class, all::put);
    // StaticSettings only names these; the record of the listeners has them.
    SectionType.of(ListenerProperties.class)
        .components()
        .forEach(owned -> all.replace("understudy." + owned.key(), owned));
    all.values().removeIf(each -> each.of().getType().isRecord());
    return all;
  }
}
