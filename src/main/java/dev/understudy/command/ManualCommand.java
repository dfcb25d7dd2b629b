package dev.understudy.command;

import java.io.IOException;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.ExitCode;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Spec;

/** Prints the manual page. */
@Command(
    name = "manual",
    description = "Prints the manual page, for man: understudy manual | man -l -",
    mixinStandardHelpOptions = true,
    versionProvider = Version.class)
final class ManualCommand implements Callable<Integer> {
  @Spec private CommandSpec spec;

  @Override
  public Integer call() throws IOException {
    spec.commandLine().getOut().print(ManualPage.of(spec.root()));
    spec.commandLine().getOut().flush();
    return ExitCode.OK;
  }
}
