package dev.understudy.command;

import picocli.AutoComplete;
import picocli.CommandLine;

/** Completion scripts, named as the shells are on the command line. */
enum CompletionScript {
  /** Without the first line of picocli's script, which names an interpreter: shells source it. */
  bash {
    @Override
    String text(CommandLine program) {
      return AutoComplete.bash(program.getCommandName(), program).replaceFirst("^#!.*\\R", "");
    }
  },
  /**
   * The same functions under zsh's {@code bashcompinit}, which the script begins by itself. As the
   * file of a completion function its text runs at the first use only; the last line then also
   * completes that one. picocli's alias for {@code compopt}, which zsh lacks, would not be expanded
   * there.
   */
  zsh {
    @Override
    String text(CommandLine program) {
      String name = program.getCommandName();
      return "#compdef "
          + name
          + "\n"
          + bash.text(program).replace("alias compopt=complete", "compopt() { : }")
          + "\n[[ $funcstack[1] = _"
          + name
          + " ]] && _bash_complete -o default -F _complete_"
          + name
          + "\n";
    }
  };

  abstract String text(CommandLine program);
}
