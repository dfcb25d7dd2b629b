package dev.understudy.command;

import static dev.understudy.testing.Json.assertHas;
import static org.assertj.core.api.Assertions.assertThat;

import dev.understudy.testing.ExtensionJar;
import dev.understudy.testing.Json;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import tools.jackson.databind.JsonNode;

/** With {@code -o json}, {@code validate} prints one document with what it prints as lines. */
class ValidateCommandTest {
  private static final String GOOD =
      """
      pools:
        sense: { servers: { a: { url: "http://192.0.2.1:80" } } }
        unused: { servers: { a: { url: "http://192.0.2.2:80" } } }
      routes:
        - { id: all, uri: "pool://sense", predicates: ["Path=/**"] }
      """;

  @TempDir private Path folder;

  private String file(String name, String text) throws IOException {
    return Files.writeString(folder.resolve(name), text).toString();
  }

  /** The document that {@code validate} prints, and ends with that status. */
  private static JsonNode run(int status, String... arguments) {
    List<String> all = new ArrayList<>(List.of(arguments));
    all.addFirst("validate");
    TestProgram.Ran ran = TestProgram.run(all.toArray(String[]::new));
    assertThat(ran.status()).isEqualTo(status);
    assertThat(ran.errors()).isEmpty();
    return Json.of(ran.out());
  }

  @Test
  void json_has_each_problem_with_its_place_and_what_is_expected() throws IOException {
    String file =
        file(
            "gateway.yaml",
            """
            pools:
              sense: { servers: { a: { url: "http://192.0.2.1:80" } }, health: { fall: zero, rse: 3 } }
            routes:
              - { id: all, uri: "pool://sense", predicates: ["Path=/**"] }
            """);
    JsonNode document = run(1, "-o", "json", file);
    assertHas(
        document,
        """
        {good: false, files: [{routes: null, problems: [
          {file: "%s", line: 2, property: "pools.sense.health.fall",
           message: "expected a whole number of at least 1 and at most 100, found \\"zero\\"",
           expected: "a whole number of at least 1 and at most 100", found: "\\"zero\\""},
          {property: "pools.sense.health.rse", expected: null}]}]}
        """
            .formatted(file));
    assertThat(document.at("/files/0/problems/0").propertyNames())
        .containsExactly("file", "line", "column", "property", "message", "expected", "found");
    assertThat(document.at("/files/0/problems/0/column").isInt()).isTrue();
    assertThat(document.at("/files/0/problems/1/message").asString()).contains("did you mean");
  }

  @Test
  void json_has_warnings_and_contents_of_a_good_file_and_strict_takes_them_for_problems()
      throws IOException {
    String file = file("gateway.yaml", GOOD);
    assertHas(
        run(0, file, "--output=json"),
        """
        {good: true, files: [{file: "%s", good: true, problems: [],
          warnings: [{property: "pools.unused", line: 3, expected: null}],
          pools: 2, servers: 2, listeners: 0, routes: [{id: "all", lane: "express"}]}]}
        """
            .formatted(file));
    assertHas(
        run(1, "--strict", "-o", "json", file),
        """
        {files: [{good: false, problems: [{property: "pools.unused"}], warnings: []}]}
        """);
  }

  /** As at a start, the static settings say where the extensions are. */
  @Test
  void routes_may_name_extensions_of_the_static_settings() throws IOException {
    Path jars = Files.createDirectory(folder.resolve("extensions"));
    new ExtensionJar(Files.createDirectory(folder.resolve("work")))
        .filter("Stamp", "return (exchange, chain) -> chain.filter(exchange);")
        .build(jars.resolve("stamp.jar"));
    String settings = file("application.yaml", "understudy:\n  extensions: %s\n".formatted(jars));
    String good = file("gateway.yaml", GOOD.replace("**\"] }", "**\"], filters: [Stamp=a] }"));
    String bad = file("bad.yaml", GOOD.replace("**\"] }", "**\"], filters: ['Stamp=a,b', Stmp] }"));
    assertHas(
        run(1, "-o", "json", "--static", settings, good, bad),
        """
        {files: [{good: true},
          {file: "%s", good: true, routes: [{id: "all", lane: "gateway"}]},
          {good: false, problems: [
            {message: "expected at most 1 arguments [text], found 2"},
            {message: "unknown filter \\"Stmp\\", did you mean \\"Stamp\\"?"}]}]}
        """
            .formatted(good));
    assertHas(run(1, "-o", "json", good), "{files: [{good: false, problems: [{line: 5}]}]}");
    Files.writeString(jars.resolve("bad.jar"), "");
    assertThat(
            run(1, "-o", "json", "--static", settings, good).at("/files/1/problems/0").toString())
        .contains("bad.jar: expected a jar");
  }

  @Test
  void a_health_check_is_one_of_the_extensions() throws IOException {
    String named =
        GOOD.replace("2.1:80\" } }", "2.1:80\" } }, health: { type: extension, name: Orders }");
    String good = file("gateway.yaml", named);
    String other = file("other.yaml", named.replace("Orders", "Order"));
    JsonNode without = run(1, "-o", "json", good);
    assertHas(
        without,
        """
        {files: [{problems: [{line: 2, property: "pools.sense.health.name",
          expected: "no check of an extension, as understudy.extensions is not set",
          found: "\\"Orders\\""}]}]}
        """);
    Path jars = Files.createDirectory(folder.resolve("extensions"));
    String settings = file("application.yaml", "understudy:\n  extensions: %s\n".formatted(jars));
    assertHas(
        run(1, "-o", "json", "--static", settings, good),
        """
        {files: [{good: true},
          {problems: [{expected: "a check of the extensions, of which none is one"}]}]}
        """);
    new ExtensionJar(Files.createDirectory(folder.resolve("work")))
        .check("Orders", "return Result.good(\"\");")
        .build(jars.resolve("orders.jar"));
    assertHas(
        run(1, "-o", "json", "--static", settings, good, other),
        """
        {files: [{good: true}, {good: true},
          {problems: [{expected: "a check of the extensions, one of Orders", found: "\\"Order\\""}]}]}
        """);
  }

  @Test
  void json_is_one_document_for_files_of_all_kinds() throws IOException {
    String settings = file("application.yaml", "server:\n  port: 99999\n");
    String good = file("gateway.yaml", GOOD);
    String haproxy = file("haproxy.cfg", "frontend f\n  bind :80\n  default_backend b\n");
    String missing = folder.resolve("missing.yaml").toString();
    JsonNode document = run(1, "-o", "json", "--static", settings, good, haproxy, missing);
    assertHas(
        document,
        """
        {files: [
          {file: "%s", good: false, problems: [{property: "server.port", line: 2, column: null,
            expected: "a port from 0 to 65535", found: "99999"}]},
          {file: "%s", good: true},
          {file: "%s", good: false, problems: [{line: null}]},
          {file: "%s", good: false, problems: [{}]}]}
        """
            .formatted(settings, good, haproxy, missing));
    assertThat(document.at("/files/2/problems/0/message").asString())
        .contains("understudy import " + haproxy);
    assertThat(document.at("/files/3/problems/0/message").asString())
        .startsWith("expected a readable file");
  }
}
