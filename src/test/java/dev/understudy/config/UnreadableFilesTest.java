package dev.understudy.config;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.tuple;

import dev.understudy.testing.Rows;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Files that are no configuration at all are refused in plain words, and cost little. */
class UnreadableFilesTest {
  private static final String GOOD = Texts.POOL + Texts.ROUTE;

  /** As SnakeYAML 2.6 words it; lines are divided by ¶. */
  @Rows(
      """
      # broken syntax is explained where it is to be corrected
      a:¶  b:¶    c: 1¶   d: 2 | gateway.yaml:4: not YAML: indented by 3 spaces, which matches no open key above it: expected 2 spaces as in line 2, or the indentation of the key that it belongs to
      a:¶  b: 1¶ c: 2 | gateway.yaml:3: not YAML: indented by 1 space, which matches no open key above it: expected 0 spaces as in line 1, or the indentation of the key that it belongs to
      a:¶  b: 1¶    c: 2 | gateway.yaml:3: not YAML: indented too far, as part of line 2: expected 2 spaces before it, or a ':' at the end of line 2, or quotes around a text with ': ' in it
      a:¶- b: 1¶   c: 2 | gateway.yaml:3: not YAML: indented too far, as part of line 2: expected 2 spaces before it, or a ':' at the end of line 2, or quotes around a text with ': ' in it
      a:¶  b¶    c: 2 | gateway.yaml:3: not YAML: indented too far, as part of line 2: expected 2 spaces before it, or a ':' at the end of line 2, or quotes around a text with ': ' in it
      a:¶  - b: 1¶  c: 2 | gateway.yaml:3: not YAML: a key among the items of a list (line 2): expected '- ' or more spaces before it
      a: 1¶- b | gateway.yaml:2: not YAML: an item of a list among keys (line 1): expected a key
      a:¶  b: c: d | gateway.yaml:2: not YAML: a second ':' in one line: expected quotes around a text with ': ' in it
      a:¶  b: 1¶  c¶  d: 2 | gateway.yaml:3: not YAML: expected a ':' after this key, or spaces before it that make it part of a value
      a:¶\\tb: 1 | gateway.yaml:2: not YAML: a tab: expected spaces, also for indentation
      a:¶  b: { c: 1¶  d: 2 | gateway.yaml:2: not YAML: the { in this line is not closed before line 3
      a:¶  b: [ 1, 2¶  d: 2 | gateway.yaml:2: not YAML: the [ in this line is not closed before line 3
      a:¶  b: 'x¶  d: 2 | gateway.yaml:2: not YAML: the quote in this line is not closed
      a: {b: 1}} | gateway.yaml:1: not YAML: a closing bracket without an opening one
      a: @b | gateway.yaml:1: not YAML: a text that begins with @: expected quotes around it
      a: "\\q" | gateway.yaml:1: not YAML: unknown escape \\q: expected '\\\\' for a backslash, or single quotes
      # what is no map of the two keys
      `` | gateway.yaml:1: expected pools and routes, found nothing
      --- | gateway.yaml:1: expected pools and routes, found nothing
      - a¶- b | gateway.yaml:1: expected a map with the keys pools and routes
      hello | gateway.yaml:1: expected a map with the keys pools and routes
      # brackets, aliases and signs of YAML
      pools:¶  sense: [ | gateway.yaml:3: not YAML: the file ends within a value: expected a closing bracket or quote
      pools: { a: *nowhere } | gateway.yaml:1: not YAML: found undefined alias: expected quotes around a text that begins with '*'
      pools:¶  a\\0b: 1 | gateway.yaml:2: not YAML: a character that YAML does not allow (has U+0000 null)
      pools: !mine {}¶ROUTE | gateway.yaml:1: pools: expected plain YAML, found the tag !mine
      GOOD---¶GOOD | gateway.yaml:8: expected one YAML document, found a second one
      POOL    health: { fall: !!int three, rise: !!int 2 }¶ROUTE | gateway.yaml:5: pools.sense.health.fall: expected a value that fits its tag, or no tag, found "three"
      ? [a, b]¶: c | gateway.yaml:1: expected a plain key at line 1
      pools: &a { b: *a } | gateway.yaml:1: expected at most 32 levels once aliases are followed
      pools: !!java.net.URL ["http://a"]¶ROUTE | gateway.yaml:1: not YAML: Global tag is not allowed: tag:yaml.org,2002:java.net.URL
      """)
  void a_file_that_is_no_configuration_has_one_problem(String text, String problem) {
    String file =
        text.replace("\\t", "\t")
            .replace("\\0", "\0")
            .replace('¶', '\n')
            .replace("GOOD", GOOD)
            .replace("POOL", Texts.POOL)
            .replace("ROUTE", Texts.ROUTE);
    assertThat(Texts.lines(file + "\n")).containsExactly(problem);
  }

  @Rows(
      """
      00A0  | no-break space
      200B  | zero width space
      FEFF  | zero width no-break space
      00AD  | soft hyphen
      202E  | right-to-left override
      3000  | ideographic space
      2800  | braille pattern blank
      E0020 | tag space
      """)
  void an_invisible_character_is_named(String code, String name) {
    int point = Integer.parseInt(code, 16);
    String c = Character.toString(point);
    String shown = "\\u%04x".formatted(point);
    String named = " (has U+" + code + " " + name + ")";
    assertThat(Texts.lines(GOOD.replace("http://a:1", "http://a:1" + c)))
        .singleElement()
        .asString()
        .endsWith("found \"http://a:1" + shown + "\"" + named);
    assertThat(Texts.lines(GOOD.replace("    servers:", "    h" + c + ": 1\n    servers:")))
        .singleElement()
        .asString()
        .startsWith("gateway.yaml:3: pools.sense.\"h" + shown + "\": unknown key")
        .endsWith(named);
    assertThat(Texts.lines(GOOD.replace("sen2:", "\"s" + c + "\":")))
        .singleElement()
        .asString()
        .endsWith("found \"s" + shown + "\"" + named);
  }

  @Test
  void not_utf_8() {
    byte[] latin1 = "pools:\n  # größer\n".getBytes(StandardCharsets.ISO_8859_1);
    assertThat(Texts.problems(Texts.read(latin1, Map.of(), RouteChecker.NONE)))
        .extracting(Problem::line, Problem::column, Problem::expected)
        .containsExactly(tuple(2, 7, "expected UTF-8, found other bytes"));
    byte[] utf16 = GOOD.getBytes(StandardCharsets.UTF_16);
    assertThat(Texts.problems(Texts.read(utf16, Map.of(), RouteChecker.NONE))).hasSize(1);
  }

  @Test
  void a_byte_order_mark_is_no_matter() {
    assertThat(Texts.problems("\uFEFF" + GOOD)).isEmpty();
  }

  @Test
  void more_than_a_megabyte() {
    String text = GOOD + ("# " + "x".repeat(1021) + "\n").repeat(1024);
    assertThat(Texts.lines(text))
        .containsExactly("gateway.yaml: expected at most 1 MB, found more");
  }

  @Test
  void aliases_that_multiply() {
    StringBuilder bomb = new StringBuilder("a0: &a0 [x, x]\n");
    for (int i = 1; i < 28; i++) {
      bomb.append("a%d: &a%d [*a%d, *a%d]\n".formatted(i, i, i - 1, i - 1));
    }
    assertThat(Texts.lines(bomb.toString()))
        .singleElement()
        .asString()
        .contains("once aliases are followed");
  }

  @Test
  void an_alias_of_itself() {
    assertThat(Texts.problems("pools: &a { <<: *a }\n")).isNotEmpty();
  }

  @Test
  void deep_nesting() {
    assertThat(Texts.problems("[".repeat(100_000))).hasSize(1);
    assertThat(Texts.problems("a: " + "{a: ".repeat(60) + "}".repeat(60))).hasSize(1);
  }

  @Test
  void keys_that_yaml_takes_for_something_else() {
    String pool = "pools: { %s: { servers: { %s: { url: 'http://a' } } } }\n";
    String route = "routes: [{ id: a, uri: 'no://op', predicates: ['Path=/'] }]\n";
    assertThat(Texts.good(pool.formatted("1", "23") + route).pools().get(0).id().value())
        .isEqualTo("1");
    for (String key : List.of("on", "010", "1.0", "~")) {
      assertThat(Texts.lines(pool.formatted("a", key) + route))
          .singleElement()
          .asString()
          .contains("expected a key in quotes");
    }
  }

  @Test
  void more_problems_than_anyone_reads() {
    StringBuilder text = new StringBuilder("pools:\n");
    for (int i = 0; i < 500; i++) {
      text.append(
          "  p%d: { servers: { s: { url: a } }, health: { fall: 0 }, hold: 3 }\n".formatted(i));
      text.append("  q%d: { servers: {} }\n".formatted(i));
    }
    assertThat(Texts.problems(text + Texts.ROUTE)).hasSize(1000);
  }

  @Test
  void every_key_that_stands_twice_is_named_with_everything_else() {
    Texts.check(
        """
        pools:
          sense:
            servers:
              sen2: { url: "http://a:1", url: "http://b:1" } #! pools.sense.servers.sen2.url: duplicate key, first in line 4
            health:
              fall: three
              fall: 3 #! pools.sense.health.fall: duplicate key, first in line 6
              rise: 2
            health: { rise: 0 } #! pools.sense.health: duplicate key, first in line 5
        """
            + Texts.ROUTE);
  }

  @Test
  void merge_keys_share_settings_between_pools() {
    DynamicConfig config =
        Texts.good(
            """
            pools:
              a:
                servers: { s: { url: "http://a:1" } }
                health: &checks { fall: 7, interval: 4s }
              b:
                servers: { s: { url: "http://b:1" } }
                health: { <<: *checks, interval: 9s }
              c:
                servers: { s: { url: "http://c:1" } }
                health: *checks
            routes:
              - { id: all, uri: "pool://b", predicates: ["Path=/**"] }
            """);
    assertThat(config.pools()).extracting(pool -> pool.health().fall()).containsExactly(7, 7, 7);
    assertThat(config.pools())
        .extracting(pool -> pool.health().interval().toSeconds())
        .containsExactly(4L, 9L, 4L);
  }

  @Test
  void no_file_and_a_directory(@TempDir Path directory) throws IOException {
    ConfigLoader loader = new ConfigLoader(RouteChecker.NONE);
    Path none = directory.resolve("none.yaml");
    assertThat(Texts.problems(loader.load(none)))
        .extracting(Problem::toString)
        .containsExactly(none + ": expected a readable file: it does not exist");
    assertThat(Texts.problems(loader.load(directory))).hasSize(1);
    Path file = Files.writeString(directory.resolve("gateway.yaml"), GOOD);
    assertThat(Texts.good(loader.load(file)).routes()).hasSize(1);
  }

  @Test
  void ten_thousand_routes_are_read_and_one_more_is_refused() {
    StringBuilder text = new StringBuilder(Texts.POOL + "routes:\n");
    for (int i = 0; i < 10_000; i++) {
      text.append(
          "  - { id: r%d, uri: 'pool://sense', predicates: ['Path=/a%d/**'] }\n".formatted(i, i));
    }
    assertThat(Texts.good(text.toString()).routes()).hasSize(10_000);
    text.append("  - { id: more, uri: 'pool://sense', predicates: ['Path=/more'] }\n");
    assertThat(Texts.lines(text.toString()))
        .isEqualTo(List.of("gateway.yaml:5: routes: expected at most 10000, found 10001"));
  }
}
