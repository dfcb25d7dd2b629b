package dev.understudy.bench;

import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.Callable;
import picocli.CommandLine;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Spec;

/** {@code all}. */
@Command(
    name = "all",
    description = {
      "All of the others, one after another, as they are by default.",
      "The last one, results, writes the page of results."
    },
    mixinStandardHelpOptions = true)
final class AllCommand implements Callable<Integer> {
  private static final String QUICK = "--quick";

  @Option(names = QUICK, description = "passed on to those that have it")
  private boolean quick;

  @Spec private CommandSpec spec;

  @Override
  public Integer call() {
    int worst = 0;
    for (Map.Entry<String, CommandLine> other : spec.parent().subcommands().entrySet()) {
      if (other.getValue().getCommand() == this) {
        continue;
      }
      System.out.printf("%n=== %s%n", other.getKey());
      List<String> arguments = new ArrayList<>();
      if (quick && other.getValue().getCommandSpec().findOption(QUICK) != null) {
        arguments.add(QUICK);
      }
      worst = Math.max(worst, other.getValue().execute(arguments.toArray(String[]::new)));
    }
    return worst;
  }
}
