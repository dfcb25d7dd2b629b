package dev.understudy.command;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.List;
import java.util.function.Predicate;
import java.util.stream.Stream;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** Where an import is written, and what is said of what it made. */
class ImportCommandTest {
  private static final String CONFIGURATION =
      """
      defaults
        mode http
        timeout client 1s
      userlist staff
        user bob insecure-password pa:ss groups admins
      frontend web
        bind *:80
        bind :::80
        http-request auth unless { http_auth(staff) }
        default_backend app
      frontend other
        bind *:81
        default_backend app
      backend app
        server one 127.0.0.1:82 check
      """;

  private static final Predicate<String> OLD = name -> name.contains(".old");

  @TempDir private Path folder;
  private Path file;

  @BeforeEach
  void write() throws IOException {
    file = Files.writeString(folder.resolve("haproxy.cfg"), CONFIGURATION);
  }

  private TestProgram.Ran run() {
    return TestProgram.run("import", file.toString());
  }

  /** What is said of an import to that file. */
  private String runTo(String output) {
    String to = folder.resolve(output).toString();
    TestProgram.Ran ran = TestProgram.run("import", file.toString(), "-o", to);
    assertThat(ran.status()).as(ran.errors()).isZero();
    return ran.errors();
  }

  @Test
  void what_is_written_has_no_problems_and_the_mode_of_the_configuration_and_users_are_private()
      throws IOException {
    Files.setPosixFilePermissions(file, PosixFilePermissions.fromString("rw-r-----"));
    assertThat(runTo("gateway.yaml")).startsWith("Written.").doesNotContain("PROBLEMS");
    assertThat(folder.resolve("staff.users"))
        .content()
        .startsWith("bob:$6$")
        .endsWith(":admins\n")
        .doesNotContain("pa:ss");
    assertThat(mode("gateway.yaml")).isEqualTo("rw-r-----");
    assertThat(mode("staff.users")).isEqualTo("rw-------");
  }

  @Test
  void a_value_that_the_dynamic_file_cannot_hold_costs_its_line_and_not_the_file()
      throws IOException {
    Files.writeString(
        file,
        CONFIGURATION.replace("bind *:81", "bind *:81\n  monitor-uri /?x")
            + """
              option httpchk head /status
            backend next
              option httpchk head /status
              server one 127.0.0.1:83 check
              server two 127.0.0.1:84 check backup
            """);
    Path output = folder.resolve("gateway.yaml");
    TestProgram.Ran ran = TestProgram.run("import", file.toString(), "-o", output.toString());
    assertThat(ran.status()).isEqualTo(1);
    assertThat(ran.errors())
        .contains("monitor-uri /?x")
        .contains("expected a path without a query")
        .containsSubsequence(
            "option httpchk head /status",
            "expected a method such as GET, in capitals, found \"head\"",
            "option httpchk head /status",
            "expected a method such as GET")
        .doesNotContain("PROBLEMS");
    assertThat(output).content().contains("127.0.0.1:82", "127.0.0.1:84");
  }

  @Test
  void problems_of_the_dynamic_file_come_first() throws IOException {
    Files.writeString(
        file, CONFIGURATION.replace("bind *:81", "bind *:81 ssl crt " + folder + "/none.pem"));
    TestProgram.Ran ran = run();
    assertThat(ran.status()).isEqualTo(1);
    assertThat(ran.errors())
        .startsWith("THE DYNAMIC FILE HAS PROBLEMS")
        .contains("  gateway.yaml:", "none.pem");
  }

  @Test
  void a_port_that_an_unset_environment_variable_should_give_is_explained() throws IOException {
    Files.writeString(file, CONFIGURATION.replace("bind *:81", "bind \"*:${UNDERSTUDY_NO_PORT}\""));
    assertThat(run().status()).isEqualTo(2);
    assertThat(run().errors()).contains("expected a port", "not set here", ": UNDERSTUDY_NO_PORT.");
  }

  @ParameterizedTest
  @CsvSource({
    "./haproxy.cfg, expected a file other than the configuration that is imported",
    "none/gateway.yaml, 'expected a file in a directory that exists, found none at /'"
  })
  void a_file_that_cannot_be_written_to_is_refused(String output, String said) {
    String to = folder.resolve(output).toString();
    TestProgram.Ran ran = TestProgram.run("import", file.toString(), "-o", to);
    assertThat(ran.status()).isEqualTo(2);
    assertThat(ran.errors()).contains(said);
    assertThat(file).content().isEqualTo(CONFIGURATION);
  }

  @Test
  void files_that_are_not_written_are_named() {
    TestProgram.Ran ran = run();
    assertThat(ran.status()).as(ran.errors()).isZero();
    assertThat(ran.out()).contains("pools:");
    assertThat(ran.errors()).startsWith("Not written, as -o is not given: staff.users");
    assertThat(folder.resolve("staff.users")).doesNotExist();
  }

  @Test
  void a_changed_file_is_kept_with_its_mode_at_each_import() throws IOException {
    Path output = folder.resolve("gateway.yaml");
    Files.writeString(output, "# one\n");
    Files.setPosixFilePermissions(output, PosixFilePermissions.fromString("rw-------"));
    assertThat(runTo("gateway.yaml"))
        .startsWith("Files that were there before are kept as gateway.yaml.old\n");
    String imported = Files.readString(output);

    Files.writeString(output, imported + "# two\n");
    assertThat(runTo("gateway.yaml")).contains("kept as gateway.yaml.old-2\n");

    assertThat(folder.resolve("gateway.yaml.old")).content().isEqualTo("# one\n");
    assertThat(folder.resolve("gateway.yaml.old-2")).content().endsWith("# two\n");
    for (String name : List.of("gateway.yaml", "gateway.yaml.old", "gateway.yaml.old-2")) {
      assertThat(mode(name)).as(name).isEqualTo("rw-------");
    }
  }

  @Test
  void an_import_that_changes_nothing_keeps_nothing_but_users_that_were_changed_by_hand()
      throws IOException {
    runTo("gateway.yaml");
    runTo("gateway.yaml");
    try (Stream<Path> files = Files.list(folder)) {
      assertThat(files).extracting(each -> each.getFileName().toString()).noneMatch(OLD);
    }

    Files.writeString(folder.resolve("staff.users"), "alice:$1$a$b\n");
    runTo("gateway.yaml");
    assertThat(folder.resolve("staff.users.old")).content().startsWith("alice:");
    assertThat(folder.resolve("staff.users")).content().startsWith("bob:");
  }

  @ParameterizedTest
  @ValueSource(booleans = {true, false})
  void files_of_another_import_or_of_a_hand_are_left_alone(boolean isOfImport) throws IOException {
    if (isOfImport) {
      runTo("other.yaml");
    } else {
      Files.writeString(folder.resolve("staff.users"), "alice:{plain}x\n");
    }
    String before = Files.readString(folder.resolve("staff.users"));
    runTo("gateway.yaml");
    assertThat(folder.resolve("staff.users")).content().isEqualTo(before);
    assertThat(folder.resolve("staff-2.users")).content().startsWith("bob:");
    assertThat(folder.resolve("gateway.yaml")).content().contains("BasicAuth=staff-2.users");
  }

  private String mode(String name) throws IOException {
    return PosixFilePermissions.toString(Files.getPosixFilePermissions(folder.resolve(name)));
  }
}
