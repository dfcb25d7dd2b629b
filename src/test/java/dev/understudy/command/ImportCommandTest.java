package dev.understudy.command;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import picocli.CommandLine;

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

  @TempDir private Path folder;
  private final StringWriter out = new StringWriter();
  private final StringWriter errors = new StringWriter();
  private Path file;

  @BeforeEach
  void write() throws IOException {
    file = Files.writeString(folder.resolve("haproxy.cfg"), CONFIGURATION);
  }

  private int run(Object... arguments) {
    CommandLine program =
        TestProgram.create().setOut(new PrintWriter(out)).setErr(new PrintWriter(errors));
    String[] words = new String[arguments.length + 1];
    words[0] = "import";
    for (int i = 0; i < arguments.length; i++) {
      words[i + 1] = arguments[i].toString();
    }
    return program.execute(words);
  }

  @Test
  void what_is_written_is_a_dynamic_file_without_problems() {
    assertThat(run(file, "-o", folder.resolve("gateway.yaml"))).as(errors.toString()).isZero();
    assertThat(errors.toString()).startsWith("Written.").doesNotContain("PROBLEMS");
    assertThat(folder.resolve("staff.users"))
        .content()
        .startsWith("bob:$6$")
        .endsWith(":admins\n")
        .doesNotContain("pa:ss");
  }

  @Test
  void problems_of_the_dynamic_file_come_first() throws IOException {
    Files.writeString(
        file, CONFIGURATION.replace("bind *:81", "bind *:81 ssl crt " + folder + "/none.pem"));
    assertThat(run(file)).isEqualTo(1);
    assertThat(errors.toString())
        .startsWith("THE DYNAMIC FILE HAS PROBLEMS")
        .contains("  gateway.yaml:", "none.pem");
  }

  @Test
  void a_port_that_an_unset_environment_variable_should_give_is_explained() throws IOException {
    Files.writeString(file, CONFIGURATION.replace("bind *:81", "bind \"*:${UNDERSTUDY_NO_PORT}\""));
    assertThat(run(file)).isEqualTo(2);
    assertThat(errors.toString())
        .contains("expected a port", "not set here", ": UNDERSTUDY_NO_PORT.");
  }

  @Test
  void files_that_are_not_written_are_named() {
    assertThat(run(file)).as(errors.toString()).isZero();
    assertThat(out.toString()).contains("pools:");
    assertThat(errors.toString()).startsWith("Not written, as there is no -o: staff.users");
    assertThat(folder.resolve("staff.users")).doesNotExist();
  }

  @Test
  void the_configuration_itself_is_never_written() {
    assertThat(run(file, "-o", folder.resolve("./haproxy.cfg"))).isEqualTo(2);
    assertThat(errors.toString())
        .contains("expected another file than the configuration that is imported");
    assertThat(file).content().isEqualTo(CONFIGURATION);
  }

  @Test
  void a_directory_that_does_not_exist_is_named() {
    assertThat(run(file, "-o", folder.resolve("none/gateway.yaml"))).isEqualTo(2);
    assertThat(errors.toString())
        .contains("expected a file in a directory that exists, found none at " + folder);
  }
}
