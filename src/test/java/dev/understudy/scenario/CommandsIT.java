package dev.understudy.scenario;

import static org.assertj.core.api.Assertions.assertThat;

import dev.understudy.testing.Rows;
import java.io.IOException;
import java.io.OutputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The built jar's commands, by their exit status and what they print. */
class CommandsIT {
  @TempDir private Path folder;

  private record Ended(int status, String printed) {}

  // "FILE" is one that is no good, "config/" the folder of the examples; "; " separates texts.
  @Rows(
      """
      an example is good                         | validate config/gateway.yaml | 0 | good
      another example is good                    | validate config/sense.yaml | 0 | good
      validate checks every file that it is given | validate config/sense.yaml nope.yaml | 1 | sense.yaml: good; nope.yaml: expected a readable file
      a network that is none stops the start     | --understudy.trusted-proxies=10.0.0.0/99 | 1 | understudy.trusted-proxies: expected; 10.0.0.0/99
      one port for clients and management stops it | --server.port=18080 --management.server.port=18080 | 1 | management.server.port; expected another port than server.port
      a certificate that is not there stops it   | --server.ssl.bundle=web --server.port=0 --management.server.port=0 --understudy.config=config/gateway.yaml --spring.ssl.bundle.pem.web.keystore.certificate=nope.pem | 1 | nope.pem
      a bad file stops it with its problems      | --understudy.config=FILE --server.port=0 | 1 | gateway.yaml:1: pools:
      an unknown static setting stops it         | --understudy.cnofig=x | 1 | understudy.cnofig
      help is there                              | --help | 0 | serve; validate; demo
      a version is there                         | --version | 0 | , Java
      a misspelt command gets a suggestion       | validat x | 2 | Did you mean; validate
      """)
  void a_command_ends(String says, String command, int status, String printed) throws Exception {
    Path bad = Files.writeString(folder.resolve("gateway.yaml"), "pools: 3\n");
    String examples = Path.of("config").toAbsolutePath() + "/";
    String given = command.replace("config/", examples).replace("FILE", bad.toString());
    Ended ended = run(given.split(" ", -1));
    assertThat(ended.printed()).contains(printed.split("; ", -1)).doesNotContain("\tat ");
    assertThat(ended.status()).isEqualTo(status);
  }

  @Test
  void validate_names_every_problem_with_its_line() throws Exception {
    Path file =
        Files.writeString(
            folder.resolve("gateway.yaml"),
            """
            pools:
              sense:
                servers:
                  sen2: { url: "ftp://a", role: master }
                health: { fal: 3, rise: zero }
            routes:
              - { id: a, uri: "pool://sens", predicates: ["Pat=/**"] }
              - { id: b, uri: "pool://sense", predicates: ["Path=/**"], filters: ["SetStatus=x"] }
            """);
    Ended ended = run("validate", file.toString());
    assertThat(ended.status()).isEqualTo(1);
    assertThat(ended.printed().lines())
        .anyMatch(line -> line.contains("gateway.yaml:4: pools.sense.servers.sen2.url:"))
        .anyMatch(line -> line.contains("gateway.yaml:5: pools.sense.health.fal:"))
        .anyMatch(line -> line.contains("gateway.yaml:5: pools.sense.health.rise:"))
        .anyMatch(line -> line.contains("gateway.yaml:7: routes[0].uri:"))
        .anyMatch(line -> line.contains("gateway.yaml:7: routes[0].predicates[0]:"))
        .anyMatch(line -> line.contains("gateway.yaml:8: routes[1].filters[0]:"))
        .noneMatch(line -> line.contains("\tat "));
  }

  @Test
  void validate_warns_and_on_request_takes_warnings_for_problems() throws Exception {
    Path file =
        Files.writeString(
            folder.resolve("gateway.yaml"),
            """
            pools:
              sense:
                servers:
                  sen2: { url: "http://a:80", role: master }
                  sen1: { url: "http://A", role: backup }
              unused: { servers: { a: { url: "http://a" } } }
            routes:
              - { id: all, uri: "pool://sense", predicates: ["Path=/**"], filters: ["SetStatus=403"] }
              - { id: late, uri: "pool://sense", predicates: ["Host=a.test", "Method=GET"] }
            """);
    Ended warned = run("validate", file.toString());
    assertThat(warned.status()).isZero();
    assertThat(warned.printed())
        .contains("gateway.yaml: good")
        .contains(
            "gateway.yaml:5: warning: pools.sense.servers.sen1.url: expected an address other")
        .contains("gateway.yaml:6: warning: pools.unused: no route leads to this pool")
        .contains("gateway.yaml:8: warning: routes[0].filters[0]: SetStatus: ")
        .contains(
            "gateway.yaml:9: warning: routes[1].predicates: never matches: route \"all\" in line"
                + " 8");
    Ended strict = run("validate", "--strict", file.toString());
    assertThat(strict.status()).isEqualTo(1);
    assertThat(strict.printed())
        .contains("gateway.yaml:9: routes[1].predicates: never matches: ")
        .doesNotContain("good");
    assertThat(
            run("validate", "--strict", Path.of("config/sense.yaml").toAbsolutePath().toString())
                .status())
        .isZero();
  }

  @Test
  void validate_says_each_routes_lane_and_why() throws Exception {
    Path file =
        Files.writeString(
            folder.resolve("gateway.yaml"),
            """
            pools:
              sense: { servers: { sen2: { url: "http://192.0.2.1:80", role: master } } }
            routes:
              - { id: beta, uri: "pool://sense", predicates: ["Path=/a", "Header=X-Beta"] }
              - { id: all, uri: "pool://sense", predicates: ["Path=/**"], order: 1 }
            """);
    assertThat(run("validate", file.toString()).printed().lines())
        .containsSubsequence(
            "  beta  gateway  predicate Header is not compiled",
            "  all   express  its predicates and filters are compiled");
  }

  @Test
  void validate_checks_what_comes_through_a_pipe() throws Exception {
    String text = Files.readString(Path.of("config/sense.yaml"));
    assertThat(runWith(text, "validate", "/dev/stdin").printed()).contains("/dev/stdin: good");
    assertThat(runWith("pools: 3\n", "validate", "/dev/stdin").printed())
        .contains("/dev/stdin:1: pools:");
  }

  private Ended run(String... arguments) throws IOException, InterruptedException {
    return runWith("", arguments);
  }

  /** Runs a command whose standard input is a pipe with that text. */
  private Ended runWith(String input, String... arguments)
      throws IOException, InterruptedException {
    List<String> command = Processes.jar(List.of());
    command.addAll(List.of(arguments));
    Process process =
        new ProcessBuilder(command).directory(folder.toFile()).redirectErrorStream(true).start();
    try (OutputStream to = process.getOutputStream()) {
      to.write(input.getBytes());
    }
    String printed = new String(process.getInputStream().readAllBytes());
    return new Ended(process.waitFor(), printed);
  }
}
