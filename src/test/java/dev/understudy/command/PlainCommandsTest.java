package dev.understudy.command;

import static org.assertj.core.api.Assertions.assertThat;

import dev.understudy.testing.Rows;
import java.io.IOException;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.api.parallel.Isolated;
import org.springframework.boot.test.system.CapturedOutput;
import org.springframework.boot.test.system.OutputCaptureExtension;

/** What runs without the command line's library does what it does with it. */
@ExtendWith(OutputCaptureExtension.class)
@Isolated("reads standard output")
class PlainCommandsTest {
  @TempDir private Path folder;

  @Rows(
      """
      # names alone are nothing to parse
      true  | validate a.yaml, validate a.yaml b.yaml, import a.cfg, import a.cfg -o a.yaml
      # all else is parsed
      false | ``, validate, validate --strict a.yaml, validate a.yaml --strict, validate @files
      false | validate --static a.yaml, validate -- a.yaml, import, import --help, import a.cfg b.cfg
      false | import a.cfg -o, import a.cfg -o -x, import a.cfg -p a.yaml, import -o a.yaml a.cfg
      false | status a, serve
      """)
  void is_plain(boolean plain, String lines) {
    for (String line : lines.split(", ")) {
      assertThat(PlainCommands.accept(line.replace("`", "").split(" "))).as(line).isEqualTo(plain);
    }
  }

  private static String parsed(int status, String... arguments) {
    StringWriter said = new StringWriter();
    PrintWriter writer = new PrintWriter(said);
    assertThat(TestProgram.create().setOut(writer).setErr(writer).execute(arguments))
        .isEqualTo(status);
    return said.toString();
  }

  private static String plain(int status, CapturedOutput output, String... arguments) {
    int before = output.getAll().length();
    assertThat(PlainCommands.accept(arguments)).isTrue();
    assertThat(PlainCommands.execute(arguments)).isEqualTo(status);
    return output.getAll().substring(before);
  }

  @Test
  void validate_says_the_same(CapturedOutput output) throws IOException {
    String good = "config/gateway.yaml";
    String bad = Files.writeString(folder.resolve("bad.yaml"), "pools: {}\n").toString();
    assertThat(plain(0, output, "validate", good)).isEqualTo(parsed(0, "validate", good));
    assertThat(plain(1, output, "validate", good, bad))
        .isEqualTo(parsed(1, "validate", good, bad))
        .contains("expected at least one pool");
  }

  @Test
  void import_says_the_same(CapturedOutput output) throws IOException {
    Path file =
        Files.writeString(
            folder.resolve("a.cfg"),
            "frontend f\n  mode http\n  bind :80\n  default_backend b\n"
                + "backend b\n  mode http\n  server s 192.0.2.1:80\n");
    Path one = folder.resolve("1.yaml");
    Path two = folder.resolve("2.yaml");
    assertThat(plain(0, output, "import", file.toString(), "-o", one.toString()))
        .isEqualTo(
            parsed(0, "import", file.toString(), "-o", two.toString()).replace("2.yaml", "1.yaml"));
    assertThat(one).hasSameTextualContentAs(two);
    assertThat(plain(0, output, "import", file.toString()))
        .isEqualTo(parsed(0, "import", file.toString()));
    assertThat(plain(2, output, "import", folder.resolve("missing").toString()))
        .isEqualTo(parsed(2, "import", folder.resolve("missing").toString()));
  }
}
