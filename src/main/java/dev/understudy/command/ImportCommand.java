package dev.understudy.command;

import java.io.IOException;
import java.nio.file.Path;
import java.util.concurrent.Callable;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;

/** The command line of {@link Import}. */
@Command(
    name = ImportCommand.NAME,
    description = {
      "Turns an haproxy.cfg into a dynamic file; reports on each line.",
      "Exit 0, 1 if a line is unsupported or the dynamic file has problems, 2 if a file cannot be",
      "read or written."
    },
    customSynopsis = "understudy import FILE [-o FILE]",
    mixinStandardHelpOptions = true,
    versionProvider = Version.class)
final class ImportCommand implements Callable<Integer> {
  static final String NAME = "import";

  @Spec private CommandSpec spec;

  @Parameters(paramLabel = "FILE", description = "HAProxy's configuration.")
  private Path file;

  @Option(
      names = {"-o", "--output"},
      paramLabel = "FILE",
      description = {
        "The dynamic file to write, with the files it needs in the same directory; standard output"
            + " if unset.",
        "The report goes to standard error."
      })
  private @Nullable Path output;

  @Override
  public Integer call() throws IOException {
    CommandLine line = spec.commandLine();
    return new Import(line.getOut(), line.getErr(), file, output).run();
  }
}
