package dev.understudy.bench.starved;

import static dev.understudy.bench.report.Spread.number;

import dev.understudy.bench.report.Table;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;

/** The table of the scenes. */
final class StarvedReport {
  private final Duration limit;
  private final List<Outcome> outcomes = new ArrayList<>();

  StarvedReport(Duration limit) {
    this.limit = limit;
  }

  void add(Outcome outcome) {
    outcomes.add(outcome);
  }

  /** A row for each run. */
  String table() {
    Table table =
        new Table(
            "scene and proxy",
            "all served s",
            "half s",
            "lost",
            "of well pools",
            "descriptors",
            "checks/s",
            "CPU %",
            "says");
    for (Outcome outcome : outcomes) {
      table.add(
          outcome.scene().words() + "; " + outcome.proxy(),
          seconds(outcome),
          number(outcome.halfSeconds(), 1),
          Long.toString(outcome.lost()),
          Long.toString(outcome.falselyLost()),
          outcome.descriptorsBefore() + " → " + outcome.descriptors(),
          number(outcome.checksBefore(), 0) + " → " + number(outcome.checks(), 0),
          number(outcome.cpuPercent(), 1),
          outcome.afterwards().isEmpty() ? "-" : outcome.afterwards());
    }
    return table.toString();
  }

  /** Until all were served; else how many were. */
  String seconds(Outcome outcome) {
    return Double.isNaN(outcome.seconds())
        ? "not within %d s: %d of %d"
            .formatted(limit.toSeconds(), outcome.secondsOfPools().size(), outcome.moved())
        : number(outcome.seconds(), 1);
  }
}
