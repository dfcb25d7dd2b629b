package dev.understudy.bench.failure;

import dev.understudy.bench.failure.FailureRun.Row;
import java.util.List;
import java.util.Locale;
import java.util.stream.Collectors;

/** The failure runs as text. */
final class FailureTable {
  private static final String LINE =
      "%-26s %-20s %8s %9s %9s %9s %9s %8s %8s %8s  %-14s %4s %6s %6s %7s";

  private FailureTable() {}

  static String head() {
    StringBuilder text = new StringBuilder();
    line(
        text,
        "",
        "",
        "",
        "GETs",
        "POSTs",
        "in",
        "could be",
        "executed",
        "longest",
        "worst",
        "WebSockets",
        "",
        "",
        "back",
        "last");
    line(
        text,
        "proxy",
        "run",
        "requests",
        "lost",
        "lost",
        "flight",
        "saved",
        "twice",
        "gap s",
        "lat. s",
        "told (code)",
        "cut",
        "stayed",
        "in s",
        "after s");
    return text.toString();
  }

  /** A line for each. */
  static String rows(List<Row> rows) {
    StringBuilder text = new StringBuilder();
    for (Row row : rows) {
      LoadAccount load = row.load();
      TunnelAccount tunnels = row.tunnels();
      line(
          text,
          row.peer(),
          row.run(),
          load.requests(),
          load.lostGets(),
          load.lostPosts(),
          load.lostInFlight(),
          load.lostForNothing(),
          load.executedTwice(),
          seconds(load.longestGapMillis()),
          seconds(load.worstMillis()),
          told(tunnels),
          tunnels.cut(),
          tunnels.stayed(),
          tunnels.back() == 0 ? "-" : seconds(tunnels.worstBackMillis()),
          tunnels.back() == 0 ? "-" : seconds(tunnels.lastBackMillis()));
      if (load.lost() > 0) {
        text.append("  lost by status (0: connection broken): ").append(load.losses()).append('\n');
      }
      if (load.forgotten() > 0) {
        text.append("  ").append(load.forgotten()).append(" POSTs confirmed but never executed\n");
      }
    }
    return text.toString();
  }

  private static void line(StringBuilder text, Object... cells) {
    text.append(String.format(Locale.ROOT, LINE, cells).stripTrailing()).append('\n');
  }

  private static String told(TunnelAccount tunnels) {
    return tunnels.told().isEmpty()
        ? "0"
        : tunnels.told().entrySet().stream()
            .map(code -> code.getValue() + " (" + code.getKey() + ")")
            .collect(Collectors.joining(" "));
  }

  private static String seconds(double millis) {
    return String.format(Locale.ROOT, "%.2f", millis / 1e3);
  }

  /** Whether each target was reached by the rows of that peer; a run left out is left out. */
  static String targets(List<Row> rows, String peer) {
    StringBuilder text = new StringBuilder();
    text.append(
        String.format(
            "%-20s %-30s %8s %8s %8s%n", peer + ":", "figure", "measured", "must", "aim"));
    for (Target target : Target.ALL) {
      rows.stream()
          .filter(row -> row.peer().equals(peer) && row.run().equals(target.run()))
          .forEach(row -> text.append(target.judge(row)).append('\n'));
    }
    return text.toString();
  }
}
