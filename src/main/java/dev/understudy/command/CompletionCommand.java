package dev.understudy.command;

import picocli.CommandLine.Command;
import picocli.CommandLine.Parameters;

/** Prints the completion of the command line for a shell. */
@Command(
    name = "completion",
    description = {
      "Prints completion for a shell, to be loaded by it: source <(understudy completion bash).",
      "For zsh, write it to a file _understudy in a folder of fpath."
    })
final class CompletionCommand extends ProgramCommand {
  @Parameters(paramLabel = "SHELL", description = "bash or zsh.")
  private CompletionScript shell;

  @Override
  public Integer call() {
    return print(shell.text(spec().root().commandLine()));
  }
}
