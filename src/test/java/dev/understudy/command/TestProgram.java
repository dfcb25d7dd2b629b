package dev.understudy.command;

import java.io.PrintWriter;
import java.io.StringWriter;
import picocli.CommandLine;

/** The whole command line, with a proxy that must not be started. */
final class TestProgram {
  /** What a command said, and its exit status. */
  record Ran(int status, String out, String errors) {}

  private TestProgram() {}

  static CommandLine create() {
    return UnderstudyCommand.commandLine(TestProgram::started);
  }

  static Ran run(String... arguments) {
    StringWriter out = new StringWriter();
    StringWriter errors = new StringWriter();
    CommandLine program = create().setOut(new PrintWriter(out)).setErr(new PrintWriter(errors));
    int status = program.execute(arguments);
    return new Ran(status, out.toString(), errors.toString());
  }

  private static ProxyStarter started() {
    throw new AssertionError("started");
  }
}
