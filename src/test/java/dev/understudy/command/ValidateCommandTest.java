package dev.understudy.command;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.tuple;

import java.io.IOException;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

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

  private record Ended(int status, JsonNode document) {
    JsonNode file(int index) {
      return document.at("/files/" + index);
    }
  }

  private String file(String name, String text) throws IOException {
    return Files.writeString(folder.resolve(name), text).toString();
  }

  private static Ended run(String... arguments) {
    StringWriter out = new StringWriter();
    StringWriter errors = new StringWriter();
    int status =
        TestProgram.create()
            .setOut(new PrintWriter(out))
            .setErr(new PrintWriter(errors))
            .execute(arguments);
    assertThat(errors.toString()).isEmpty();
    return new Ended(status, new JsonMapper().readTree(out.toString()));
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
    Ended ended = run("validate", "-o", "json", file);
    assertThat(ended.status()).isEqualTo(1);
    assertThat(ended.document().at("/good").booleanValue()).isFalse();
    assertThat(ended.document().get("files")).hasSize(1);
    JsonNode fall = ended.file(0).at("/problems/0");
    assertThat(fall)
        .isEqualTo(
            new JsonMapper()
                .readTree(
                    """
                    {"file":"%s","line":2,"column":%d,"property":"pools.sense.health.fall",
                     "message":"expected a whole number of at least 1 and at most 100, found \\"zero\\"",
                     "expected":"a whole number of at least 1 and at most 100","found":"\\"zero\\""}
                    """
                        .formatted(file, fall.get("column").intValue())));
    JsonNode rise = ended.file(0).at("/problems/1");
    assertThat(rise.get("property").stringValue()).isEqualTo("pools.sense.health.rse");
    assertThat(rise.get("message").stringValue()).contains("did you mean");
    assertThat(rise.get("expected").isNull()).isTrue();
    assertThat(ended.file(0).get("routes").isNull()).isTrue();
  }

  @Test
  void json_has_warnings_and_contents_of_a_good_file() throws IOException {
    String file = file("gateway.yaml", GOOD);
    Ended ended = run("validate", file, "--output=json");
    assertThat(ended.status()).isZero();
    assertThat(ended.document().at("/good").booleanValue()).isTrue();
    JsonNode document = ended.file(0);
    assertThat(document.at("/file").stringValue()).isEqualTo(file);
    assertThat(document.at("/good").booleanValue()).isTrue();
    assertThat(document.at("/problems")).isEmpty();
    assertThat(document.at("/warnings/0/property").stringValue()).isEqualTo("pools.unused");
    assertThat(document.at("/warnings/0/line").intValue()).isEqualTo(3);
    assertThat(document.at("/warnings/0/expected").isNull()).isTrue();
    assertThat(document.at("/pools").intValue()).isEqualTo(2);
    assertThat(document.at("/servers").intValue()).isEqualTo(2);
    assertThat(document.at("/listeners").intValue()).isZero();
    assertThat(document.at("/routes/0/id").stringValue()).isEqualTo("all");
    assertThat(document.at("/routes/0/lane").stringValue()).isEqualTo("express");
  }

  @Test
  void strict_takes_warnings_for_problems_in_json_too() throws IOException {
    Ended ended = run("validate", "--strict", "-o", "json", file("gateway.yaml", GOOD));
    assertThat(ended.status()).isEqualTo(1);
    assertThat(ended.file(0).at("/good").booleanValue()).isFalse();
    assertThat(ended.file(0).at("/problems/0/property").stringValue()).isEqualTo("pools.unused");
    assertThat(ended.file(0).at("/warnings")).isEmpty();
  }

  @Test
  void json_is_one_document_for_files_of_all_kinds() throws IOException {
    String settings = file("application.yaml", "server:\n  port: 99999\n");
    String haproxy = file("haproxy.cfg", "frontend f\n  bind :80\n  default_backend b\n");
    String missing = folder.resolve("missing.yaml").toString();
    Ended ended =
        run(
            "validate",
            "-o",
            "json",
            "--static",
            settings,
            file("gateway.yaml", GOOD),
            haproxy,
            missing);
    assertThat(ended.status()).isEqualTo(1);
    assertThat(ended.document().get("files"))
        .extracting(each -> each.at("/file").stringValue(), each -> each.at("/good").booleanValue())
        .containsExactly(
            tuple(settings, false),
            tuple(folder.resolve("gateway.yaml").toString(), true),
            tuple(haproxy, false),
            tuple(missing, false));
    JsonNode port = ended.file(0).at("/problems/0");
    assertThat(port.at("/property").stringValue()).isEqualTo("server.port");
    assertThat(port.at("/line").intValue()).isEqualTo(2);
    assertThat(port.at("/column").isNull()).isTrue();
    assertThat(port.at("/expected").stringValue()).isEqualTo("a port from 0 to 65535");
    assertThat(port.at("/found").stringValue()).isEqualTo("99999");
    assertThat(ended.file(2).at("/problems/0/message").stringValue())
        .contains("understudy import " + haproxy);
    assertThat(ended.file(2).at("/problems/0/line").isNull()).isTrue();
    assertThat(ended.file(3).at("/problems/0/message").stringValue())
        .startsWith("expected a readable file");
  }
}
