package dev.understudy.command;

import picocli.CommandLine;

/** The whole command line, with a proxy that must not be started. */
final class TestProgram {
  private TestProgram() {}

  static CommandLine create() {
    return UnderstudyCommand.commandLine(TestProgram::started);
  }

  private static ProxyStarter started() {
    throw new AssertionError("started");
  }
}
