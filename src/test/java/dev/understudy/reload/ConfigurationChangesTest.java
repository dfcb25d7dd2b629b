package dev.understudy.reload;

import static org.assertj.core.api.Assertions.assertThat;

import dev.understudy.config.ConfigLoader;
import dev.understudy.config.DynamicConfig;
import dev.understudy.config.LoadResult;
import dev.understudy.config.RouteChecker;
import dev.understudy.pages.SettingsPage;
import dev.understudy.pool.ErrorPage;
import dev.understudy.pool.ErrorPages;
import dev.understudy.pool.Header;
import dev.understudy.pool.HealthSettings;
import dev.understudy.pool.HttpCheck;
import dev.understudy.pool.Pool;
import dev.understudy.pool.PoolId;
import dev.understudy.pool.RoutePart;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import java.util.stream.Collectors;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.MethodSource;

/** The sentences that tell what a new file changes. */
class ConfigurationChangesTest {
  private static final String FILE =
      """
      pools:
        shop:
          servers:
            a: { url: "http://192.0.2.1:8080", role: master }
            b: { url: "http://192.0.2.2:8080", role: backup, max-requests: 500, health-port: 8008, health-host: 192.0.2.3 }
          health:
            path: /status
            headers: { Authorization: "Basic secret" }
            expect: { status: "200-399", body: "version" }
            interval: 2s
          timeouts: { response: 60s }
          hold: { body: 64KB }
      default-filters:
        - StripPrefix=1
      routes:
        - { id: x, uri: "pool://shop", predicates: ["Path=/a"], filters: ["AddRequestHeader=X-Key, secret"] }
        - { id: y, uri: "pool://shop", predicates: ["Path=/**"] }
      """;

  private static DynamicConfig config(String text) {
    LoadResult result =
        new ConfigLoader(RouteChecker.NONE)
            .load(Path.of("gateway.yaml"), text.getBytes(StandardCharsets.UTF_8));
    assertThat(result).isInstanceOf(LoadResult.Loaded.class);
    return ((LoadResult.Loaded) result).config();
  }

  private static List<String> changes(String replaced, String by) {
    assertThat(FILE).contains(replaced);
    return ConfigurationChanges.between(config(FILE), config(FILE.replace(replaced, by)));
  }

  @Test
  void the_same_file_changes_nothing() {
    assertThat(ConfigurationChanges.between(config(FILE), config(FILE))).isEmpty();
  }

  @ParameterizedTest(name = "{0} -> {1}")
  @CsvSource(
      delimiter = '|',
      textBlock =
          """
          interval: 2s              | interval: 1s                  | pool shop: health.interval 2s → 1s
          interval: 2s              | interval: 1500ms              | pool shop: health.interval 2s → 1500ms
          interval: 2s              | interval: 120s                | pool shop: health.interval 2s → 2m
          response: 60s             | response: 1h                  | pool shop: timeouts.response 1m → 1h
          body: 64KB                | body: 1MB                     | pool shop: hold.body 64KB → 1024KB
          /status                   | /health                       | pool shop: health.path /status → /health
          /status                   | /status?key=secret            | pool shop: health.path changed
          Basic secret              | Basic other                   | pool shop: health.headers changed
          "version"                 | "release"                     | pool shop: health.expect.body changed
          200-399                   | 200,204                       | pool shop: health.expect.status 200-399 → 200,204
          192.0.2.2:8080            | db.example:8081               | pool shop: server b: url http://192.0.2.2:8080 → http://db.example:8081
          role: backup              | role: master                  | pool shop: server b: role backup → master
          max-requests: 500         | max-requests: 400             | pool shop: server b: max-requests 500 → 400
          health-port: 8008         | health-port: 8009             | pool shop: server b: health-port 8008 → 8009
          health-host: 192.0.2.3    | health-host: check.example    | pool shop: server b: health-host 192.0.2.3 → check.example
          ', max-requests: 500'     | ''                            | pool shop: server b: max-requests 500 → unset
          StripPrefix=1             | StripPrefix=2                 | default-filters [StripPrefix=1] → [StripPrefix=2]
          Path=/a                   | Path=/b                       | route x: predicates [Path=/a] → [Path=/b]
          'X-Key, secret'           | 'X-Key, other'                | route x: filters changed
          AddRequestHeader          | SetRequestHeader              | route x: filters [AddRequestHeader=X-Key,***] → [SetRequestHeader=X-Key,***]
          """)
  void a_setting_is_named_as_in_the_file_with_both_values(
      String replaced, String by, String sentence) {
    assertThat(changes(replaced, by)).containsExactly(sentence);
  }

  @Test
  void another_type_of_check_is_named() {
    String http =
        """
            path: /status
            headers: { Authorization: "Basic secret" }
            expect: { status: "200-399", body: "version" }
        """
            .indent(2);
    assertThat(changes(http, "      type: tcp\n"))
        .containsExactly("pool shop: health.type http → tcp");
  }

  private static void comesAndGoes(String without, String with, String what) {
    DynamicConfig more = config(FILE.replace(without, with));
    assertThat(ConfigurationChanges.between(config(FILE), more)).containsExactly(what + " added");
    assertThat(ConfigurationChanges.between(more, config(FILE))).containsExactly(what + " removed");
  }

  @Test
  void servers_pools_routes_and_sections_come_and_go() {
    String c = "      c: { url: \"http://192.0.2.3\" }\n    health:";
    comesAndGoes("    health:", c, "pool shop: server c");
    String other = "  other: { servers: { a: { url: \"http://192.0.2.9\" } } }\ndefault-filters:";
    comesAndGoes("default-filters:", other, "pool other:");
    String y = "  - { id: y, uri: \"pool://shop\", predicates: [\"Path=/**\"] }\n";
    comesAndGoes(y, y + y.replace("y", "z"), "route z:");
    String timeouts = "    passive: { failure-rate: 50 }\n    timeouts:";
    comesAndGoes("    timeouts:", timeouts, "pool shop: passive");
  }

  private static DynamicConfig with(DynamicConfig config, String name, Object value) {
    return (DynamicConfig) RecordVariations.with(config, name, value);
  }

  @Test
  void another_order_is_a_change_where_the_order_counts() {
    DynamicConfig before = config(FILE);
    Pool pool = before.pools().getFirst();
    DynamicConfig turned = with(before, "pools", List.of(pool.with(pool.servers().reversed())));
    assertThat(
            ConfigurationChanges.between(
                before, with(turned, "routes", before.routes().reversed())))
        .containsExactly(
            "pool shop: servers in another order: b, a", "routes in another order: y, x");
  }

  @Test
  void a_hundred_changes_are_listed_and_the_others_counted() {
    DynamicConfig before = config(FILE);
    List<Pool> many = new ArrayList<>(before.pools());
    for (int i = 0; i < 150; i++) {
      many.add((Pool) RecordVariations.with(before.pools().getFirst(), "id", new PoolId("p" + i)));
    }
    assertThat(ConfigurationChanges.between(before, with(before, "pools", many)))
        .hasSize(101)
        .startsWith("pool p0: added")
        .endsWith("and 50 more");
  }

  @Test
  void error_pages_are_named_by_status() {
    DynamicConfig none = config(FILE);
    DynamicConfig some = withPages("one");

    assertThat(ConfigurationChanges.between(none, some))
        .containsExactlyInAnyOrder("error-pages.404 added", "pool shop: error-pages.503 added");
    assertThat(ConfigurationChanges.between(some, withPages("two")))
        .containsExactlyInAnyOrder("error-pages.404 changed", "pool shop: error-pages.503 changed");
    assertThat(ConfigurationChanges.between(some, none))
        .containsExactlyInAnyOrder("error-pages.404 removed", "pool shop: error-pages.503 removed");
  }

  private static DynamicConfig withPages(String html) {
    DynamicConfig config = config(FILE);
    Map<Integer, ErrorPage> html404 = Map.of(404, new ErrorPage(html, null));
    Map<Integer, ErrorPage> html503 = Map.of(503, new ErrorPage(html, null));
    PoolId pool = config.pools().getFirst().id();
    return with(config, "errorPages", new ErrorPages(html404, Map.of(pool, html503)));
  }

  @Test
  void a_sentence_is_cut_at_300_characters() {
    assertThat(changes("Path=/a", "Path=/" + "a".repeat(1_000)))
        .singleElement()
        .asString()
        .hasSize(300)
        .endsWith("…");
  }

  @Test
  void removed_pools_are_named() {
    DynamicConfig one = config(FILE);
    String other = "  other: { servers: { a: { url: \"http://192.0.2.9\" } } }\ndefault-filters:";
    DynamicConfig two = config(FILE.replace("default-filters:", other));

    assertThat(ConfigurationChanges.removedPools(two, one)).containsExactly(new PoolId("other"));
    assertThat(ConfigurationChanges.removedPools(one, two)).isEmpty();
  }

  static List<RecordVariations.Variation> everySetting() {
    return RecordVariations.of(RecordVariations.full());
  }

  /** A setting of the model that is new makes a row of its own. */
  @ParameterizedTest(name = "{0}")
  @MethodSource("everySetting")
  void no_setting_is_forgotten(RecordVariations.Variation variation) {
    DynamicConfig before = RecordVariations.full();
    DynamicConfig after = (DynamicConfig) variation.changed();

    assertThat(after).isNotEqualTo(before);
    assertThat(ConfigurationChanges.between(before, after))
        .isNotEmpty()
        .noneMatch(sentence -> sentence.startsWith("the order"));
  }

  @Test
  void every_component_of_the_model_is_varied() {
    Set<String> varied =
        everySetting().stream()
            .map(variation -> variation.path().replaceFirst(".*\\.(?=[^.]+\\.[^.]+$)", ""))
            .collect(Collectors.toSet());
    assertThat(varied).containsAll(RecordVariations.leaves(DynamicConfig.class));
  }

  /** Of a pool: those of the page, so that an operator finds them there. */
  @Test
  void settings_have_the_names_of_the_reference_page() {
    Set<String> known = new TreeSet<>();
    SettingsPage.dynamicSettings().forEach(row -> known.add(row.name()));
    for (RecordVariations.Variation variation : everySetting()) {
      for (String sentence :
          ConfigurationChanges.between(
              RecordVariations.full(), (DynamicConfig) variation.changed())) {
        if (!sentence.startsWith("pool shop: ") || sentence.matches(".*(added|removed|order.*)$")) {
          continue;
        }
        String setting =
            sentence
                .replaceFirst("pool shop: ", "pools.*.")
                .replaceFirst("server [at]: ", "servers.*.")
                .replaceFirst("pools.*\\.dns", "dns")
                .replaceFirst("error-pages\\.503", "error-pages")
                .replaceFirst("headers\\.\\S+", "headers")
                .replaceFirst(" .*", "");
        assertThat(known)
            .as(setting)
            .anyMatch(name -> name.equals(setting) || name.startsWith(setting + "."));
      }
    }
  }

  @Test
  void no_value_that_may_be_secret_is_shown() {
    DynamicConfig before = RecordVariations.full();
    for (RecordVariations.Variation variation : everySetting()) {
      assertThat(ConfigurationChanges.between(before, (DynamicConfig) variation.changed()))
          .as(variation.path())
          .noneMatch(sentence -> sentence.contains(RecordVariations.SECRET));
    }
  }

  @Test
  void the_model_of_the_test_has_what_may_be_secret() {
    assertThat(RecordVariations.full().routes().getFirst().filters())
        .contains(
            new RoutePart(
                "AddRequestHeader",
                Map.of("value", RecordVariations.SECRET),
                RecordVariations.SECRET_WHEN));
    HealthSettings health = RecordVariations.full().pools().getFirst().health();
    assertThat(((HttpCheck) health.check()).headers())
        .contains(new Header("Authorization", RecordVariations.SECRET));
  }
}
