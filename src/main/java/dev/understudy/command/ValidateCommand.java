package dev.understudy.command;

import dev.understudy.admin.Json;
import dev.understudy.command.client.OutputFormat;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.function.Consumer;
import picocli.CommandLine.Command;
import picocli.CommandLine.ExitCode;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Parameters;

/** The command line of {@link Validation}. */
@Command(
    name = ValidateCommand.NAME,
    description = {
      "Checks dynamic files and static settings, and prints every problem.",
      "Exit status: 0 no problem; 1 a problem. Warnings do not count."
    },
    customSynopsis = "understudy validate [--strict] [-o FORMAT] [--static FILE]... [FILE...]")
final class ValidateCommand extends ProgramCommand {
  static final String NAME = "validate";

  @Parameters(paramLabel = "FILE", description = "The dynamic files to check.")
  private final List<Path> files = new ArrayList<>();

  @Option(
      names = "--static",
      paramLabel = "FILE",
      description = {
        "A file of static settings, such as config/application.yaml. Its settings understudy.*,",
        "server.*, management.server.* and spring.ssl.* are checked. The environment is used for",
        "placeholders only, and files that it imports are not read."
      })
  private final List<Path> statics = new ArrayList<>();

  @Option(names = "--strict", description = "Treats warnings as errors.")
  private boolean strict;

  @Mixin private final OutputFormat output = new OutputFormat();

  @Override
  public Integer call() {
    if (files.isEmpty() && statics.isEmpty()) {
      throw new ParameterException(
          spec().commandLine(), "Missing required parameter: 'FILE', or --static with one");
    }
    if (!output.json()) {
      return check(file -> file.print(out(), err()));
    }
    List<CheckedFile> checked = new ArrayList<>();
    int status = check(checked::add);
    print(Json.document(ValidationDocument.of(checked)));
    return status;
  }

  private int check(Consumer<CheckedFile> report) {
    Validation validation = new Validation(report, strict);
    int status = statics.stream().mapToInt(validation::checkStatic).max().orElse(ExitCode.OK);
    return files.isEmpty() ? status : Math.max(status, validation.check(files));
  }
}
