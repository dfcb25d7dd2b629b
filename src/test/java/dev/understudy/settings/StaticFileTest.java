package dev.understudy.settings;

import static org.assertj.core.api.Assertions.assertThat;

import dev.understudy.admin.AdminSettings;
import dev.understudy.config.Problem;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.api.parallel.Isolated;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** A file of static settings is checked without a start, and says what a start would say. */
@Isolated("sets system properties")
class StaticFileTest {
  @TempDir private Path folder;

  private List<String> problems(String name, String text) throws IOException {
    Path file = Files.writeString(folder.resolve(name), text);
    return StaticFile.check(file, List.of(AdminSettings::require)).problems().stream()
        .map(each -> each.toString().replace(folder + "/", ""))
        .toList();
  }

  private List<String> problems(String text) throws IOException {
    return problems("a.yaml", text);
  }

  @Test
  void the_example_has_no_problem() {
    assertThat(StaticFile.check(Path.of("config/application.yaml"), List.of()).problems())
        .isEmpty();
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      textBlock =
          """
          server.port: 99999             | server.port: expected a port from 0 to 65535, found 99999
          server.port: abc               | server.port: expected a port from 0 to 65535, found "abc"
          management.server.port: -2     | management.server.port: expected a port from 0 to 65535, found -2
          understudy.http.port: 70000    | understudy.http.port: expected a port from 0 to 65535, found 70000
          understudy.drain.delay: -1s    | understudy.drain.delay: expected zero or more, found "-1s"
          understudy.drain.delay: 5      | understudy.drain.delay: expected a duration with its unit, such as 5s or 500ms, found 5
          understudy.drain.dely: 1s      | understudy.drain.dely: unknown setting, did you mean "delay"?
          understudy.access-log: on      | understudy.access-log: expected off, plain, json or haproxy, found "true"
          understudy.client.idle: 0s     | understudy.client.idle: expected a duration of more than zero, such as 10s, found "0s"
          understudy.agreement.renew: 1h | understudy.agreement.renew: expected a duration from 500ms to 30s, found "1h"
          understudy.trusted-proxies: x  | understudy.trusted-proxies: expected an address or a network such as 10.0.0.0/8 or fd00::/8, found "x"
          understudy.admin.reads: token  | understudy.admin.reads: expected open, as no token is set (understudy.admin.token, understudy.admin.token-file or understudy.admin.tokens-file), found "token"
          understudy.admin.hosts: "a:9090" | understudy.admin.hosts: expected a name without scheme and port, such as admin.example.com or *.example.com, or * for every host, found "a:9090"
          understudy.admin.reads: some   | understudy.admin.reads: expected open or token, found "some"
          server.address: nowhere at all | server.address: expected an address of this machine, found "nowhere at all"
          server.http2.enabled: maybe    | server.http2.enabled: expected true or false, found "maybe"
          spring.lifecycle.timeout-per-shutdown-phase: 5x | spring.lifecycle.timeout-per-shutdown-phase: expected a duration with its unit, such as 5s or 500ms, found "5x"
          """)
  void a_problem_has_file_and_line(String setting, String said) throws IOException {
    assertThat(problems("# mine\n" + setting + "\n")).containsExactly("a.yaml:2: " + said);
  }

  @Test
  void all_problems_are_found_at_once() throws IOException {
    String text =
        """
        server:
          port: 99999
        understudy:
          http: { port: x }
          drain: { delay: 5x }
          trusted-proxies: [10.0.0.0/8, 10.0.0.0/99]
          acces-log: plain
          client:
            idle: -1s
            max-headers: 0
        spring.ssl.bundle.pem.site.reload-on-update: perhaps
        """;
    assertThat(problems(text))
        .extracting(each -> each.replaceAll(": (expected|unknown).*", ""))
        .containsExactly(
            "a.yaml:2: server.port",
            "a.yaml:4: understudy.http.port",
            "a.yaml:5: understudy.drain.delay",
            "a.yaml:6: understudy.trusted-proxies",
            "a.yaml:7: understudy.acces-log",
            "a.yaml:9: understudy.client.idle",
            "a.yaml:10: understudy.client.max-headers",
            "a.yaml:11: spring.ssl.bundle.pem.site.reload-on-update");
  }

  @Test
  void what_is_not_on_this_machine_is_a_warning() throws IOException {
    Path file =
        Files.writeString(
            folder.resolve("a.yaml"),
            """
            understudy:
              state-file: /nowhere/state
              hooks: { directory: /nowhere/hooks }
              extensions: /nowhere/extensions
              handover: { socket: /nowhere/handover.sock }
              admin:
                tokens-file: /nowhere/tokens
            """);
    StaticFile.Findings found = StaticFile.check(file, List.of(AdminSettings::require));

    assertThat(found.problems()).isEmpty();
    assertThat(found.warnings())
        .extracting(each -> each.asWarning().replace(folder + "/", ""))
        .containsExactly(
            "a.yaml:2: warning: understudy.state-file: expected a file in a folder that exists,"
                + " found /nowhere/state",
            "a.yaml:3: warning: understudy.hooks.directory: expected a folder, found"
                + " /nowhere/hooks",
            "a.yaml:4: warning: understudy.extensions: expected a folder, found"
                + " /nowhere/extensions",
            "a.yaml:5: warning: understudy.handover.socket: expected a file in a folder that"
                + " exists, found /nowhere/handover.sock",
            "a.yaml:7: warning: understudy.admin.tokens-file: expected a file that can be read,"
                + " found /nowhere/tokens");
  }

  @Test
  void a_tab_has_file_and_line() throws IOException {
    assertThat(problems("server:\n\tport: 80\n"))
        .containsExactly("a.yaml:2: not YAML: a tab: expected spaces, also for indentation");
  }

  @Test
  void a_file_that_is_none_is_named() throws IOException {
    assertThat(problems("a.toml", ""))
        .containsExactly("a.toml: expected a name that ends in .yaml, .yml or .properties");
    assertThat(StaticFile.check(Path.of("missing.yaml"), List.of()).problems())
        .extracting(Problem::toString)
        .containsExactly("missing.yaml: expected a readable file: it does not exist");
  }

  @Test
  void properties_and_empty_files_are_read() throws IOException {
    assertThat(problems("")).isEmpty();
    assertThat(problems("a.properties", "\nserver.port=99999\n"))
        .containsExactly(
            "a.properties:2: server.port: expected a port from 0 to 65535, found 99999");
  }

  @Test
  void the_environment_counts_for_placeholders_only() throws IOException {
    System.setProperty("understudy.access-log", "nonsense");
    System.setProperty("STATIC_FILE_TEST", "abc");
    try {
      assertThat(problems("server.port: ${STATIC_FILE_TEST}\n"))
          .containsExactly(
              "a.yaml:1: server.port: expected a port from 0 to 65535, found"
                  + " \"${STATIC_FILE_TEST}\"");
      assertThat(problems("server.port: ${STATIC_FILE_TEST_NOT:8443}\n")).isEmpty();
    } finally {
      System.clearProperty("understudy.access-log");
      System.clearProperty("STATIC_FILE_TEST");
    }
  }
}
