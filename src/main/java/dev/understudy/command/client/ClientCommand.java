package dev.understudy.command.client;

import java.io.PrintWriter;
import java.util.List;
import java.util.concurrent.Callable;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Spec;

/** What all client commands share: the replica to speak to, and where the output goes. */
abstract class ClientCommand implements Callable<Integer> {
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

  /** Prints a document as it was received. */
  final void print(Reply document) {
    String text = document.text();
    out().print(text);
    if (!text.endsWith("\n")) {
      out().println();
    }
    out().flush();
  }
}
