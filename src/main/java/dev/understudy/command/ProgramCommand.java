package dev.understudy.command;

import dev.understudy.text.BuildVersion;
import java.io.PrintWriter;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.ExitCode;
import picocli.CommandLine.IVersionProvider;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Spec;

/**
 * A command of this package, with what all of them share: help, version, and where the output goes.
 */
@Command(mixinStandardHelpOptions = true, versionProvider = ProgramCommand.Version.class)
abstract class ProgramCommand implements Callable<Integer> {
  /** The version recorded by the build. */
  static final class Version implements IVersionProvider {
    @Override
    public String[] getVersion() {
      return new String[] {BuildVersion.program()};
    }
  }

  @Spec private CommandSpec spec;

  final CommandSpec spec() {
    return spec;
  }

  final PrintWriter out() {
    return spec.commandLine().getOut();
  }

  final PrintWriter err() {
    return spec.commandLine().getErr();
  }

  /** Prints a whole output; returns the exit status. */
  final int print(String text) {
    out().print(text);
    out().flush();
    return ExitCode.OK;
  }
}
