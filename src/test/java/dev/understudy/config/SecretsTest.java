package dev.understudy.config;

import static org.assertj.core.api.Assertions.assertThat;

import dev.understudy.pool.Header;
import dev.understudy.pool.HttpCheck;
import dev.understudy.pool.RoutePart;
import dev.understudy.pool.RouteSpec;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Placeholders get their values, and what they stand for is never shown. */
class SecretsTest {
  private static final String SECRET = "s3cr3t-${NOT_A_PLACEHOLDER}-value";

  @TempDir private Path directory;

  @Test
  void placeholders_are_variables_or_defaults() {
    String text =
        """
        pools:
          sense:
            servers:
              sen2: { url: "http://${HOST}:${PORT:81}" }
              sen1: { url: "http://${OTHER:${HOST}-b}" }
            health: { fall: "${FALL}", path: "/\\\\${kept}" }
        """
            + Texts.ROUTE;
    DynamicConfig config =
        Texts.good(
            Texts.read(
                text.replace("/\\\\${kept}", "/x"),
                Map.of("HOST", "a", "FALL", "9"),
                RouteChecker.NONE));

    assertThat(config.pools().get(0).servers())
        .extracting(server -> server.address().toString())
        .containsExactly("http://a:81", "http://a-b");
    assertThat(config.pools().get(0).health().fall()).isEqualTo(9);
  }

  @Test
  void a_backslash_keeps_a_dollar_and_the_gateways_own_form_is_none() {
    Placeholders placeholders =
        new Placeholders(Map.of("A", "b")::get, new NamedFiles.Reader(directory));
    assertThat(placeholders.resolve("\\${A} ${A} $\\{A} $ {A}")).isEqualTo("${A} b $\\{A} $ {A}");
  }

  @Test
  void unknown_placeholders_are_problems_at_their_lines() {
    Texts.check(
        """
        pools:
          sense:
            servers:
              sen2: { url: "http://${HOST}" } #! pools.sense.servers.sen2.url: expected the environment variable or system property 'HOST' to be set, or a default: ${HOST:default}, found "http://${HOST}"
            health:
              fall: "${FALL" #! pools.sense.health.fall: expected a '}' at the end of the placeholder, found "${FALL"
              headers: { X: "${file:none}" } #! pools.sense.health.headers.X: expected a readable file at none, found ***
        routes:
          - { id: a, uri: "${URI}", predicates: ["Path=${P}"], metadata: { a: "${M}" } } #! routes[0].uri: expected the environment variable or system property 'URI' to be set, or a default: ${URI:default}, found "${URI}" #! routes[0].predicates[0]: expected the environment variable or system property 'P' to be set, or a default: ${P:default} #! routes[0].metadata.a: expected the environment variable or system property 'M' to be set, or a default: ${M:default}
        """);
  }

  @Test
  void secrets_come_from_files_beside_the_configuration() throws IOException {
    Path secret = Files.writeString(directory.resolve("token"), SECRET + "\n");
    Path file = directory.resolve("gateway.yaml");
    Files.writeString(
        file,
        Texts.POOL
            + "    health: { headers: { Authorization: \"Bearer ${file:token}\" } }\n"
            + Texts.ROUTE);

    LoadResult result = new ConfigLoader(RouteChecker.NONE).load(file);

    HttpCheck check = (HttpCheck) Texts.good(result).pools().get(0).health().check();
    assertThat(check.headers()).containsExactly(new Header("Authorization", "Bearer " + SECRET));
    assertThat(result.namedFiles().paths()).containsExactly(secret);
    assertThat(result.toString()).doesNotContain("s3cr3t").contains("Authorization");
  }

  @Test
  void the_value_of_a_placeholder_is_not_shown_when_it_is_wrong() {
    String text =
        """
        pools:
          sense:
            servers:
              sen2: { url: "${S}" }
            mode: "${S}"
            health:
              fall: "${S}"
              interval: "${S}"
              headers: { X: "${S}" }
              expect: { status: "${S}", body-regex: "${S}" }
        routes:
          - { id: "${S}", uri: "${S}", predicates: ["Path=${S}"], filters: ["${S}"] }
        """;
    List<Problem> problems =
        Texts.problems(Texts.read(text, Map.of("S", "s3cr3t(\n"), new Talkative()));
    assertThat(problems).hasSize(11);
    assertThat(problems.toString()).doesNotContain("s3cr3t");
  }

  @Test
  void literal_secrets_are_masked() {
    String text =
        Texts.POOL
            + """
                health:
                  headers: { Authorization: [s3cr3t], X-Api-Key: on }
            default-filters:
              - AddRequestHeader=Authorization, s3cr3t
              - name: AddRequestHeader
                args: { name: X-Token, value: s3cr3t }
            """
            + Texts.ROUTE;
    LoadResult result = Texts.read(text, Map.of(), new Talkative());

    assertThat(Texts.problems(result)).hasSize(5);
    assertThat(Texts.problems(result).toString()).doesNotContain("s3cr3t");
  }

  @Test
  void records_do_not_print_arguments_or_values() {
    List<RoutePart> parts = List.of(new RoutePart("AddRequestHeader", Map.of("value", "s3cr3t")));
    RouteSpec route =
        new RouteSpec("a", "http://user:s3cr3t@a", 0, parts, parts, Map.of("k", "s3cr3t"));
    assertThat(route.toString()).doesNotContain("s3cr3t").contains("AddRequestHeader", "id=a");
    assertThat(new Header("X", "s3cr3t").toString()).isEqualTo("X: ***");
  }

  /** Repeats what it was given, as the Gateway's messages do. */
  private static final class Talkative implements RouteChecker {
    @Override
    public @Nullable String predicateProblem(RoutePart predicate) {
      return "bad " + predicate.args();
    }

    @Override
    public @Nullable String filterProblem(RoutePart filter) {
      return "bad " + filter.args();
    }
  }
}
