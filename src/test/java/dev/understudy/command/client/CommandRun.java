package dev.understudy.command.client;

import java.io.PrintWriter;
import java.io.StringWriter;
import java.util.ArrayList;
import java.util.List;
import picocli.CommandLine;
import picocli.CommandLine.Model.CommandSpec;

/** A client command that ran in this process. */
record CommandRun(int status, String out, String err) {
  static CommandRun of(List<String> arguments) {
    CommandLine program = new CommandLine(CommandSpec.create().name("understudy"));
    ClientCommands.addTo(program);
    StringWriter out = new StringWriter();
    StringWriter err = new StringWriter();
    int status =
        program
            .setOut(new PrintWriter(out, true))
            .setErr(new PrintWriter(err, true))
            .execute(arguments.toArray(String[]::new));
    return new CommandRun(status, out.toString(), err.toString());
  }

  /** With arguments that have no spaces in them, sent to a replica. */
  static CommandRun at(String server, String line, String... more) {
    List<String> arguments = new ArrayList<>(List.of(line.split(" ")));
    arguments.add("--server=" + server);
    arguments.addAll(List.of(more));
    return of(arguments);
  }
}
