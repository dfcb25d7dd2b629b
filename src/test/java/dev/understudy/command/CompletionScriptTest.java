package dev.understudy.command;

import static org.assertj.core.api.Assertions.assertThat;

import dev.understudy.testing.Rows;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Completion, asked of a real bash. */
class CompletionScriptTest {
  @TempDir private Path folder;

  private List<String> complete(String line) throws IOException, InterruptedException {
    Path script =
        Files.writeString(
            folder.resolve("understudy.bash"), CompletionScript.bash.text(TestProgram.create()));
    // As readline calls it: the words of the line, the last of which is being typed.
    String asked =
        """
        source "$1"
        COMP_WORDS=($2)
        [[ $2 == *' ' ]] && COMP_WORDS+=("")
        COMP_CWORD=$((${#COMP_WORDS[@]} - 1))
        COMP_LINE=$2
        COMP_POINT=${#2}
        _complete_understudy
        printf '%s\\n' "${COMPREPLY[@]}"
        """;
    Process bash =
        new ProcessBuilder("bash", "--norc", "-c", asked, "bash", script.toString(), line)
            .redirectErrorStream(true)
            .start();
    String printed = new String(bash.getInputStream().readAllBytes());
    assertThat(bash.waitFor()).as(printed).isZero();
    return printed.lines().map(String::strip).toList();
  }

  @Rows(
      """
      understudy s           | serve status switch
      understudy mai         | maintenance
      understudy status --s  | --server
      understudy drain --f   | --force
      understudy events --fo | --follow
      understudy routes -o j | json
      understudy completion z | zsh
      """)
  void words_of_the_command_line_are_offered(String line, String words) throws Exception {
    assertThat(complete(line)).contains(words.split(" "));
  }

  @Test
  void options_of_other_commands_are_not_offered() throws Exception {
    assertThat(complete("understudy status --f")).doesNotContain("--force", "--follow");
  }

  @Test
  void scripts_are_to_be_sourced_and_name_no_interpreter() {
    assertThat(CompletionScript.bash.text(TestProgram.create())).startsWith("#\n");
    assertThat(CompletionScript.zsh.text(TestProgram.create())).doesNotContain("#!");
  }

  @Test
  void script_for_zsh_names_the_command_that_it_completes() {
    assertThat(CompletionScript.zsh.text(TestProgram.create()))
        .startsWith("#compdef understudy\n")
        .contains("compopt() { : }")
        .doesNotContain("alias compopt");
  }
}
