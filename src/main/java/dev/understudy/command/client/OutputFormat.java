package dev.understudy.command.client;

import picocli.CommandLine.Option;

/** The option for the form of the output. */
public final class OutputFormat {
  /** The forms, named as on the command line. */
  enum Format {
    text,
    json
  }

  @Option(
      names = {"-o", "--output"},
      paramLabel = "FORMAT",
      defaultValue = "text",
      description = "text (the default), or json: one document, as the API returns it.")
  private Format format = Format.text;

  public boolean json() {
    return format == Format.json;
  }
}
