package dev.understudy.command;

import dev.understudy.admin.Json;
import dev.understudy.command.client.OutputFormat;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.Callable;
import java.util.function.Consumer;
import picocli.CommandLine;
import picocli.CommandLine.Command;
import picocli.CommandLine.ExitCode;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;

/** The command line of {@link Validation}. */
@Command(
    name = ValidateCommand.NAME,
    description = {
      "Checks dynamic files and static settings; exit 0, or 1 and every problem.",
      "Warnings do not count."
    },
    customSynopsis = "understudy validate [--strict] [-o FORMAT] [--static FILE]... [FILE...]",
    mixinStandardHelpOptions = true,
    versionProvider = Version.class)
final class ValidateCommand implements Callable<Integer> {
  static final String NAME = "validate";

  @Spec private CommandSpec spec;

  @Parameters(paramLabel = "FILE", description = "The dynamic files to check.")
  private final List<Path> files = new ArrayList<>();

  @Option(
      names = "--static",
      paramLabel = "FILE",
      description = {
        "A file of static settings, such as config/application.yaml, to check by itself:"
            + " understudy.*,",
        "server.*, management.server.* and spring.ssl.*. The environment counts for placeholders",
        "only; files that it imports are not read."
      })
  private final List<Path> statics = new ArrayList<>();

  @Option(names = "--strict", description = "Takes warnings for problems.")
  private boolean strict;

  @Mixin private final OutputFormat output = new OutputFormat();

  @Override
  public Integer call() {
    if (files.isEmpty() && statics.isEmpty()) {
      throw new ParameterException(
          spec.commandLine(), "Missing required parameter: 'FILE', or --static with one");
    }
    CommandLine line = spec.commandLine();
    if (!output.json()) {
      return check(new CheckedText(line.getOut(), line.getErr())::print);
    }
    List<CheckedFile> checked = new ArrayList<>();
    int status = check(checked::add);
    line.getOut().print(Json.document(CheckedDocument.of(checked)));
    line.getOut().flush();
    return status;
  }

  private int check(Consumer<CheckedFile> report) {
    Validation validation = new Validation(report, strict);
    int status = statics.stream().mapToInt(validation::checkStatic).max().orElse(ExitCode.OK);
    return files.isEmpty() ? status : Math.max(status, validation.check(files));
  }
}
