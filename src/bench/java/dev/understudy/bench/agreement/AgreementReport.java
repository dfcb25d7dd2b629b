package dev.understudy.bench.agreement;

import dev.understudy.bench.report.Goal;
import dev.understudy.bench.report.Spread;
import dev.understudy.bench.report.Table;
import java.util.ArrayList;
import java.util.List;

/** The output. */
final class AgreementReport {
  private AgreementReport() {}

  static String times(List<Results> all) {
    Table table =
        new Table(
            "milliseconds",
            "replicas",
            "to the last: p50",
            "p99",
            "max",
            "skew: p50",
            "p99",
            "max",
            "all pools: max");
    for (Results results : all) {
      addTimes(
          table,
          results.title(),
          "agree",
          results.decisions(Results.Pair::agreed),
          results.skews(Results.Pair::agreed),
          results.wholes(Results.Pair::agreed));
      addTimes(
          table,
          results.title(),
          "alone",
          results.decisions(Results.Pair::alone),
          results.skews(Results.Pair::alone),
          results.wholes(Results.Pair::alone));
    }
    return table.toString();
  }

  private static void addTimes(
      Table table, String title, String replicas, Times decisions, Times skews, Times wholes) {
    table.add(
        title,
        replicas,
        millis(decisions.quantile(0.5)),
        millis(decisions.quantile(0.99)),
        millis(decisions.max()),
        millis(skews.quantile(0.5)),
        millis(skews.quantile(0.99)),
        millis(skews.max()),
        millis(wholes.max()));
  }

  static String ratios(List<Results> all) {
    Table table =
        new Table(
            "agree / alone, worst pool",
            "to the last",
            "skew",
            "writes for each decision",
            "conflicts");
    for (Results results : all) {
      table.add(
          results.title(),
          results.ratio(Outcome::decisions).text(2),
          results.ratio(Outcome::skews).text(2),
          Spread.number(results.perDecision(Calls.Count::writes), 1),
          Spread.number(results.perDecision(Calls.Count::conflicts), 2));
    }
    return table.toString();
  }

  static String goals(List<Results> all, double restingWrites) {
    List<Goal> goals = new ArrayList<>();
    for (Results results : all) {
      boolean one = results.pools() == 1;
      goals.add(
          new Goal(
              "majority's vote to last replica, p99: " + results.title(),
              one ? 300 : 3000,
              one ? 120 : 1000,
              results.decisions(Results.Pair::agreed).quantile(0.99),
              "ms"));
      goals.add(
          new Goal(
              "two servers at once, p99: " + results.title(),
              300,
              one ? 50 : 300,
              results.skews(Results.Pair::agreed).quantile(0.99),
              "ms"));
    }
    // Renewals are 2 s apart, 10 % more or less.
    goals.add(new Goal("writes of each replica at rest", 0.55, 0.55, restingWrites, "/s"));
    return Goal.table(goals);
  }

  private static String millis(double number) {
    return Spread.number(number, 1);
  }
}
