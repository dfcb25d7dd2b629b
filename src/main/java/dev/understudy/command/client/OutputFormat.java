package dev.understudy.command.client;

import picocli.CommandLine.Option;

/** The option for the form of the output. */
final class OutputFormat {
  /** The forms, named as on the command line. */
  enum Format {
    text,
    json
  }

  @Option(
      names = {"-o", "--output"},
      paramLabel = "FORMAT",
      defaultValue = "text",
      description = "text (the default), or json: the API's own document.")
  private Format format = Format.text;

  boolean json() {
    return format == Format.json;
  }
}
