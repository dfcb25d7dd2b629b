package dev.understudy.bench.failure;

import dev.understudy.bench.failure.FailureRun.Row;
import java.util.List;
import java.util.Locale;
import java.util.function.ToDoubleFunction;

/**
 * The upper limit of a figure of a run.
 *
 * @param run whose row it is about
 * @param must more than this is a miss
 * @param aim what we would like
 */
record Target(String run, String what, ToDoubleFunction<Row> figure, double must, double aim) {
  /** Those that the project set itself. */
  static final List<Target> ALL =
      List.of(
          none(Fault.KILLED.words(), "lost", row -> row.load().lost()),
          none(Fault.KILLED.words(), "lost, could be saved", row -> row.load().lostForNothing()),
          none(Fault.KILLED.words(), "executed twice", row -> row.load().executedTwice()),
          new Target(Fault.KILLED.words(), "longest gap, s", row -> gapSeconds(row), 0.25, 0.1),
          none(Fault.FROZEN.words(), "GETs lost", row -> row.load().lostGets()),
          none(Fault.FROZEN.words(), "executed twice", row -> row.load().executedTwice()),
          new Target(Fault.FROZEN.words(), "longest gap, s", row -> gapSeconds(row), 2, 1.2),
          new Target(
              Fault.FROZEN.words(),
              "worst latency, s",
              row -> row.load().worstMillis() / 1e3,
              3,
              3),
          untold(Fault.KILLED.words()),
          untold(Fault.FROZEN.words()),
          untold(Fault.BLACK_HOLED.words()),
          untold(FailureRun.FAILBACK),
          back(Fault.KILLED.words()),
          back(Fault.FROZEN.words()),
          back(Fault.BLACK_HOLED.words()),
          back(FailureRun.FAILBACK));

  private static Target none(String run, String what, ToDoubleFunction<Row> figure) {
    return new Target(run, what, figure, 0, 0);
  }

  private static Target untold(String run) {
    return none(
        run,
        "WebSocket clients not told",
        row -> row.tunnels().clients() - row.tunnels().toldInAll());
  }

  /** Only an aim: a client that comes back late is no miss. */
  private static Target back(String run) {
    return new Target(
        run,
        "told client is back after, s",
        row -> {
          TunnelAccount tunnels = row.tunnels();
          boolean all = tunnels.back() == tunnels.toldInAll() + tunnels.cut();
          return all ? tunnels.worstBackMillis() / 1e3 : Double.POSITIVE_INFINITY;
        },
        Double.POSITIVE_INFINITY,
        1);
  }

  private static double gapSeconds(Row row) {
    return row.load().longestGapMillis() / 1e3;
  }

  boolean isMissedBy(Row row) {
    return figure.applyAsDouble(row) > must;
  }

  /** One line. */
  String judge(Row row) {
    double value = figure.applyAsDouble(row);
    String verdict = value <= aim ? "reached" : value <= must ? "reached, aim missed" : "MISSED";
    return String.format(
        Locale.ROOT, "%-20s %-30s %8s %8s %8s  %s", run, what, n(value), n(must), n(aim), verdict);
  }

  private static String n(double value) {
    if (value == Double.POSITIVE_INFINITY) {
      return "-";
    }
    return value == Math.rint(value)
        ? Long.toString((long) value)
        : String.format(Locale.ROOT, "%.2f", value);
  }
}
