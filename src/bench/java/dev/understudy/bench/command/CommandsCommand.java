package dev.understudy.bench.command;

import dev.understudy.bench.Packages;
import dev.understudy.bench.WorkFolder;
import dev.understudy.bench.origin.Origin;
import dev.understudy.bench.peer.Child;
import dev.understudy.bench.peer.Jvm;
import dev.understudy.bench.peer.Site;
import dev.understudy.bench.peer.UnderstudyJar;
import dev.understudy.bench.report.Goal;
import dev.understudy.bench.report.Machine;
import dev.understudy.bench.report.Measurements;
import dev.understudy.bench.report.PythonLoop;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;

/** {@code commands}. */
@Command(
    name = "commands",
    description = {
      "How long commands take, and their CPU time: validate, import, --version, and status of a"
          + " running replica.",
      "By java -jar, by the launcher of the Debian package, which is built and unpacked, and by"
          + " HAProxy where it has the same. They are run in turn; durations are printed in"
          + " seconds, too, and in terms of a loop of Python that runs before each round."
    },
    mixinStandardHelpOptions = true,
    showDefaultValues = true)
public final class CommandsCommand implements Callable<Integer> {
  @Option(
      names = {"--rounds", "--runs"},
      description = "each runs every command once, after one round that does not count")
  private int rounds = 5;

  @Option(names = "--quick", description = "two rounds")
  private boolean quick;

  /** A row of the table. */
  private record Row(String title, Map<String, String> environment, List<String> command) {
    Timed run(Path folder) throws IOException, InterruptedException {
      return Timed.run(folder, environment, command);
    }
  }

  @Override
  public Integer call() throws IOException, InterruptedException {
    Packages.requireHaproxy();
    Measurements<Timed> runs = new Measurements<>();
    try (WorkFolder folder = WorkFolder.make();
        Origin origin = Origin.start(folder.path())) {
      Site site = Site.of(folder.path(), List.of(origin.port()));
      Launcher launcher = Launcher.unpack(folder.path());
      try (UnderstudyJar replica =
          UnderstudyJar.start(UnderstudyJar.EXPRESS, site, Jvm.container())) {
        List<Row> rows = rows(Inputs.write(site), launcher, replica.managementPort());
        for (Row row : rows) {
          row.run(folder.path());
        }
        for (int round = 1; round <= (quick ? 2 : rounds); round++) {
          runs.begin(PythonLoop.run());
          for (Row row : rows) {
            Timed run = row.run(folder.path());
            runs.add(row.title(), run);
            System.err.printf("round %d: %s: %.3f s%n", round, row.title(), run.seconds());
          }
        }
      }
    }
    CommandReport report = new CommandReport(runs);
    System.out.println("\n" + Machine.describe());
    System.out.println(runs.unit() + "\n");
    System.out.println(report.table());
    System.out.println(Goal.table(report.goals()));
    return 0;
  }

  private static List<Row> rows(Inputs inputs, Launcher launcher, int managementPort) {
    List<Row> rows = new ArrayList<>();
    for (Task task : Task.values()) {
      List<String> arguments = inputs.arguments(task, managementPort);
      rows.add(
          new Row(
              task.by(Program.JAR),
              Map.of(),
              command(List.of(Child.java(), "-jar", UnderstudyJar.JAR.toString()), arguments)));
      rows.add(
          new Row(
              task.by(Program.LAUNCHER),
              launcher.environment(),
              command(List.of(launcher.program().toString()), arguments)));
      if (!inputs.haproxy(task).isEmpty()) {
        rows.add(new Row(task.by(Program.HAPROXY), Map.of(), inputs.haproxy(task)));
      }
    }
    return rows;
  }

  private static List<String> command(List<String> program, List<String> arguments) {
    List<String> command = new ArrayList<>(program);
    command.addAll(arguments);
    return command;
  }
}
