package dev.understudy.command;

import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.TreeMap;
import picocli.CommandLine;
import picocli.CommandLine.Help;
import picocli.CommandLine.Model.ArgSpec;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Model.OptionSpec;
import picocli.CommandLine.Model.PositionalParamSpec;

/**
 * The manual page of the program and all of its commands, from picocli's model, in the macros of
 * man(7).
 *
 * <p>picocli's own generator writes AsciiDoc, for which the build would need Asciidoctor and JRuby.
 */
final class ManualPage {
  private final StringBuilder page = new StringBuilder();

  private ManualPage() {}

  static String of(CommandSpec program) {
    ManualPage manual = new ManualPage();
    manual.write(program);
    return manual.page.toString();
  }

  private void write(CommandSpec program) {
    String name = program.name();
    macro(".TH", name.toUpperCase(Locale.ROOT), "1", "", version(program), "Understudy");
    macro(".SH", "NAME");
    // The dash is what apropos(1) looks for.
    page.append(text(name)).append(" \\- ").append(text(summary(program))).append('\n');
    macro(".SH", "SYNOPSIS");
    for (String line : program.usageMessage().customSynopsis()) {
      paragraph(line.strip());
    }
    for (CommandSpec command : commands(program)) {
      paragraph(synopsis(command));
    }
    macro(".SH", "COMMANDS");
    for (CommandSpec command : commands(program)) {
      command(command);
    }
    macro(".SH", "OPTIONS");
    options(program.options());
    section("ENVIRONMENT", environment());
    section("FILES", files());
    macro(".SH", "NOTES");
    for (String line : program.usageMessage().footer()) {
      paragraph(line);
    }
  }

  private static String version(CommandSpec program) {
    String[] version = program.version();
    return version.length == 0 ? "" : version[0].replaceAll(",.*", "");
  }

  private static String summary(CommandSpec command) {
    String first = String.join(" ", command.usageMessage().description());
    return first.endsWith(".") ? first.substring(0, first.length() - 1) : first;
  }

  /** Without those that are hidden, in the order in which they were added. */
  private static List<CommandSpec> commands(CommandSpec program) {
    List<CommandSpec> commands = new ArrayList<>();
    for (CommandLine command : program.subcommands().values()) {
      if (!command.getCommandSpec().usageMessage().hidden()
          && !commands.contains(command.getCommandSpec())) {
        commands.add(command.getCommandSpec());
      }
    }
    return commands;
  }

  private static String synopsis(CommandSpec command) {
    String[] custom = command.usageMessage().customSynopsis();
    if (custom.length > 0) {
      return String.join(" ", custom);
    }
    Help help = new Help(command, CommandLine.Help.defaultColorScheme(Help.Ansi.OFF));
    return help.synopsis(0).strip().replaceAll("\\s+", " ");
  }

  private void command(CommandSpec command) {
    macro(".SS", command.name());
    paragraph(synopsis(command));
    for (String line : command.usageMessage().description()) {
      paragraph(line);
    }
    for (PositionalParamSpec parameter : command.positionalParameters()) {
      tagged(parameter.paramLabel(), parameter);
    }
    options(command.options());
    Map<String, String> statuses = command.usageMessage().exitCodeList();
    if (!statuses.isEmpty()) {
      paragraph("Exit status:");
      new TreeMap<>(statuses).forEach(this::tagged);
    }
  }

  private void options(List<OptionSpec> options) {
    for (OptionSpec option : options) {
      if (!option.hidden()) {
        String label = option.arity().max() == 0 ? "" : " " + option.paramLabel();
        tagged(String.join(", ", option.names()) + label, option);
      }
    }
  }

  private void tagged(String tag, ArgSpec argument) {
    tagged(tag, String.join(" ", argument.description()));
  }

  private void tagged(String tag, String description) {
    page.append(".TP\n\\fB").append(text(tag)).append("\\fR\n");
    page.append(line(description)).append('\n');
  }

  private void paragraph(String line) {
    if (!line.isBlank()) {
      page.append(".PP\n").append(line(line)).append('\n');
    }
  }

  private void section(String heading, Map<String, String> entries) {
    macro(".SH", heading);
    new TreeMap<>(entries).forEach(this::tagged);
  }

  private static Map<String, String> environment() {
    return Map.of(
        "UNDERSTUDY_SERVER", "The default of --server.",
        "UNDERSTUDY_TOKEN_FILE", "The default of --token-file.");
  }

  private static Map<String, String> files() {
    return Map.of(
        "config/application.yaml", "Static settings, read at the start.",
        "config/gateway.yaml", "Pools and routes, read again when the file changes.");
  }

  private void macro(String name, String... arguments) {
    page.append(name);
    for (String argument : arguments) {
      page.append(" \"").append(text(argument).replace("\"", "\\(dq")).append('"');
    }
    page.append('\n');
  }

  /** A line of text that does not begin with a control character. */
  private static String line(String text) {
    String escaped = text(text);
    return escaped.startsWith(".") || escaped.startsWith("'") ? "\\&" + escaped : escaped;
  }

  /** Escapes backslashes, hyphens (to be copied as such) and quotation marks of roff. */
  private static String text(String text) {
    return text.replace("\\", "\\e").replace("-", "\\-").replace("'", "\\(aq").replace("%%", "%");
  }
}
