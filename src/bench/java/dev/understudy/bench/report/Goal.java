package dev.understudy.bench.report;

import java.util.List;

/**
 * A target and where it was landed; less is better.
 *
 * @param must the most that is allowed
 * @param value NaN: not measured
 */
public record Goal(String name, double must, double aim, double value, String unit) {
  /** One table of all that were measured or left out. */
  public static String table(List<Goal> goals) {
    Table table = new Table("target", "must", "aim", "measured", "");
    for (Goal goal : goals) {
      table.add(
          goal.name,
          "<= " + goal.text(goal.must),
          "<= " + goal.text(goal.aim),
          goal.text(goal.value),
          goal.verdict());
    }
    return table.toString();
  }

  private String text(double number) {
    return Double.isFinite(number) ? Spread.number(number, unit.equals("MB") ? 0 : 2) + unit : "-";
  }

  private String verdict() {
    if (Double.isNaN(value)) {
      return "not measured";
    }
    return value <= aim ? "reached, aim too" : value <= must ? "reached" : "MISSED";
  }
}
