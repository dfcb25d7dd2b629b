package dev.understudy.command;

import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.ExitCode;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;

/** Prints the completion of the command line for a shell. */
@Command(
    name = "completion",
    description = {
      "Prints completion for a shell, to be loaded by it: source <(understudy completion bash).",
      "For zsh, write it to a file _understudy in a folder of fpath."
    },
    mixinStandardHelpOptions = true,
    versionProvider = Version.class)
final class CompletionCommand implements Callable<Integer> {
  @Spec private CommandSpec spec;

  @Parameters(paramLabel = "SHELL", description = "bash or zsh.")
  private CompletionScript shell;

  @Override
  public Integer call() {
    spec.commandLine().getOut().print(shell.text(spec.root().commandLine()));
    spec.commandLine().getOut().flush();
    return ExitCode.OK;
  }
}
