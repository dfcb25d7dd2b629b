package dev.understudy.command.client;

import java.io.PrintWriter;
import java.util.List;
import java.util.concurrent.Callable;
import java.util.function.Supplier;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Spec;

/**
 * What all client commands share: the replica to speak to, where the output goes, and the exit
 * statuses, unless a command gives them another meaning.
 */
@Command(
    exitCodeListHeading = "%nExit status:%n",
    exitCodeList = {
      "0:Done.",
      "1:The replica refused the request, or could not carry it out.",
      ClientCommand.USAGE,
      ClientCommand.UNREACHABLE
    })
abstract class ClientCommand implements Callable<Integer> {
  static final String USAGE = "2:Wrong arguments.";
  static final String UNREACHABLE =
      "3:No usable response: the replica is not reachable, or this is not its management port.";

  @Spec private CommandSpec spec;

  @Mixin private final ServerOptions server = new ServerOptions();

  final ManagementApi api() {
    return server.api();
  }

  final PrintWriter out() {
    return spec.commandLine().getOut();
  }

  final PrintWriter err() {
    return spec.commandLine().getErr();
  }

  final void print(List<String> lines) {
    for (String line : lines) {
      out().println(line);
    }
  }

  /** Prints a document as lines or, in JSON, as it was received. */
  final void print(Reply document, OutputFormat format, Supplier<List<String>> lines) {
    if (!format.json()) {
      print(lines.get());
      return;
    }
    String text = document.text();
    out().print(text);
    if (!text.endsWith("\n")) {
      out().println();
    }
    out().flush();
  }
}
