package dev.understudy.command;

import java.io.IOException;
import java.nio.file.Path;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/** The command line of {@link ImportRun}. */
@Command(
    name = ImportCommand.NAME,
    description = {
      "Turns an haproxy.cfg into a dynamic file; reports on each line.",
      "Exit status: 0 done; 1 a line is unsupported, a guard is weakened, or a file that the"
          + " dynamic",
      "file names is missing; 2 the input cannot be read, or nothing could be written."
    },
    customSynopsis = "understudy import FILE [-o FILE]")
final class ImportCommand extends ProgramCommand {
  static final String NAME = "import";

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
    return new ImportRun(out(), err(), file, output).run();
  }
}
