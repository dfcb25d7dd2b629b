package dev.understudy.bench.command;

import dev.understudy.bench.report.Goal;
import dev.understudy.bench.report.Measurements;
import dev.understudy.bench.report.Spread;
import dev.understudy.bench.report.Table;
import java.util.List;

/**
 * The table of commands, and what of the targets it decides.
 *
 * @param runs by {@link Task#by}
 */
record CommandReport(Measurements<Timed> runs) {
  String table() {
    Table table = new Table("command", "s", "x loop", "x HAProxy", "CPU, s", "x loop", "x HAProxy");
    for (Task task : Task.values()) {
      for (Program program : Program.values()) {
        String row = task.by(program);
        if (runs.subjects().contains(row)) {
          String reference = task.by(Program.HAPROXY);
          table.add(
              row,
              runs.spread(row, Timed::seconds).text(3),
              runs.loops(row, Timed::seconds).text(2),
              Spread.number(runs.ratio(row, reference, Timed::seconds).median(), 0),
              runs.spread(row, Timed::cpuSeconds).text(3),
              runs.cpuLoops(row, Timed::cpuSeconds).text(2),
              Spread.number(runs.ratio(row, reference, Timed::cpuSeconds).median(), 0));
        }
      }
    }
    return table.toString();
  }

  List<Goal> goals() {
    return List.of(
        goal(Task.VALIDATE, Program.JAR, 1.5, 1),
        goal(Task.VALIDATE, Program.LAUNCHER, 0.6, 0.3),
        goal(Task.IMPORT, Program.JAR, 1.5, 1),
        goal(Task.IMPORT, Program.LAUNCHER, 0.6, 0.3),
        goal(Task.STATUS, Program.LAUNCHER, 0.25, 0.15));
  }

  private Goal goal(Task task, Program program, double must, double aim) {
    String row = task.by(program);
    return new Goal(row, must, aim, runs.loops(row, Timed::seconds).median(), " loops");
  }
}
