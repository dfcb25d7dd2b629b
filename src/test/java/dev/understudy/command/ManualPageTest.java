package dev.understudy.command;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;
import picocli.CommandLine;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Model.OptionSpec;

/** The manual page has all that the command line has, in well-formed roff. */
class ManualPageTest {
  private static final CommandLine PROGRAM = TestProgram.create();
  private static final String PAGE = ManualPage.of(PROGRAM.getCommandSpec());

  /** The macros of man(7) that the page uses, at the beginning of a line. */
  private static final Pattern LINE = Pattern.compile("\\.(TH|SH|SS|TP|PP)( .*)?|[^.'].*");

  @TempDir private Path folder;

  private static Stream<CommandSpec> commands() {
    return PROGRAM.getSubcommands().values().stream().map(CommandLine::getCommandSpec);
  }

  @ParameterizedTest
  @MethodSource("commands")
  void each_command_has_a_section_with_its_options_and_exit_statuses(CommandSpec command) {
    String section =
        PAGE.split(Pattern.quote(".SS \"" + command.name() + "\""))[1].split("\\.S[HS]")[0];
    for (OptionSpec option : command.options()) {
      assertThat(section).contains(option.longestName().replace("-", "\\-"));
    }
    command
        .usageMessage()
        .exitCodeList()
        .values()
        .forEach(
            text -> assertThat(section).contains(text.replace("-", "\\-").replace("'", "\\(aq")));
  }

  /** Else one build differs from the next. */
  @Test
  void variables_and_files_stand_in_the_order_of_their_names() {
    assertThat(PAGE)
        .containsSubsequence(
            "UNDERSTUDY_SERVER\\fR",
            "UNDERSTUDY_TOKEN_FILE\\fR",
            "config/application.yaml\\fR",
            "config/gateway.yaml\\fR");
  }

  @Test
  void each_line_is_text_or_a_known_macro() {
    assertThat(PAGE.lines()).allMatch(line -> LINE.matcher(line).matches());
    assertThat(PAGE).startsWith(".TH \"UNDERSTUDY\" \"1\"").contains("\nunderstudy \\- A health");
  }

  /** On a machine that has man; the structure is held by the tests above on others. */
  @Test
  void man_renders_it_without_a_warning() throws IOException, InterruptedException {
    Path page = Files.writeString(folder.resolve("understudy.1"), PAGE);
    Process man =
        new ProcessBuilder(
                "sh",
                "-c",
                "command -v man >/dev/null || exit 0; man --warnings=all -l -Tutf8 \"$0\" 2>&1"
                    + " >/dev/null",
                page.toString())
            .start();
    assertThat(new String(man.getInputStream().readAllBytes())).isEmpty();
    assertThat(man.waitFor()).isZero();
  }
}
