package dev.understudy.command;

import picocli.CommandLine.Command;

/** Prints the manual page. */
@Command(
    name = "manual",
    description = "Prints the manual page, for man: understudy manual | man -l -")
final class ManualCommand extends ProgramCommand {
  @Override
  public Integer call() {
    return print(ManualPage.of(spec().root()));
  }
}
