package dev.understudy.command;

import org.springframework.core.env.Environment;
import picocli.CommandLine;

/** The whole command line, with a proxy that must not be started. */
final class TestProgram {
  private TestProgram() {}

  static CommandLine create() {
    return UnderstudyCommand.commandLine(
        new Proxy() {
          @Override
          public int serve(String[] settings) {
            throw new AssertionError("started");
          }

          @Override
          public Environment start(String[] settings) {
            throw new AssertionError("started");
          }
        });
  }
}
