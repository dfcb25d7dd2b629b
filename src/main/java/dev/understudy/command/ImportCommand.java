package dev.understudy.command;

import dev.understudy.haproxy.syntax.HaproxyVersion;
import dev.understudy.text.Printable;
import java.io.IOException;
import java.nio.file.Path;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Parameters;

/** The command line of {@link ImportRun}. */
@Command(
    name = ImportCommand.NAME,
    description = {
      "Turns an haproxy.cfg into a dynamic file; reports on each line.",
      "Exit status: 0 done; 1 a line is unsupported, a guard is weakened, or a file that the"
          + " dynamic",
      "file names is missing, or a keyword is not of the version that --haproxy names; 2 the input"
          + " cannot",
      "be read, or nothing could be written."
    },
    customSynopsis = "understudy import FILE [-o FILE] [--haproxy VERSION]")
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

  @Option(
      names = "--haproxy",
      paramLabel = "VERSION",
      description = {
        "The version whose configuration it is, from 1.8 to 3.4, as haproxy -v prints it: defaults",
        "differ, and keywords of other versions are reported. Default: 3.2."
      })
  private @Nullable String version;

  @Override
  public Integer call() throws IOException {
    return new ImportRun(out(), err(), file, output, version()).run();
  }

  private @Nullable HaproxyVersion version() {
    return version == null
        ? null
        : HaproxyVersion.parse(version)
            .orElseThrow(
                () ->
                    new ParameterException(
                        spec().commandLine(),
                        "--haproxy: expected a version from %s to %s, such as 2.8 or 3.4.1, found '%s'"
                            .formatted(
                                HaproxyVersion.OLDEST,
                                HaproxyVersion.NEWEST,
                                Printable.escaped(String.valueOf(version)))));
  }
}
