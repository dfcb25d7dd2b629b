package dev.understudy.bench.failure;

import dev.understudy.bench.failure.FailureRun.Row;
import dev.understudy.bench.report.Figure;
import dev.understudy.bench.report.Figures;
import dev.understudy.bench.report.Spread;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.function.ToLongFunction;
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

  /** The same for the page of results: the topic is the run; rounds of one are one row. */
  static List<Figures.Row> figures(List<Row> rows) {
    Map<List<String>, List<Row>> runs =
        rows.stream()
            .collect(
                Collectors.groupingBy(
                    row -> List.of(row.run(), row.peer()),
                    LinkedHashMap::new,
                    Collectors.toList()));
    return runs.entrySet().stream()
        .map(run -> figures(run.getKey().get(0), run.getKey().get(1), run.getValue()))
        .toList();
  }

  private static Figures.Row figures(String run, String peer, List<Row> rounds) {
    return new Figures.Row(run, peer)
        .and(Figure.REQUESTS, sum(rounds, row -> row.load().requests()))
        .and(Figure.LOST, sum(rounds, row -> row.load().lost()))
        .and(Figure.LOST_FOR_NOTHING, sum(rounds, row -> row.load().lostForNothing()))
        .and(Figure.TWICE, sum(rounds, row -> row.load().executedTwice()))
        .and(
            Figure.GAP_SECONDS,
            Spread.of(rounds.stream().mapToDouble(row -> row.load().longestGapMillis() / 1e3)))
        .and(
            Figure.WORST_SECONDS,
            Spread.of(rounds.stream().mapToDouble(row -> row.load().worstMillis() / 1e3)))
        .and(Figure.TOLD, sum(rounds, row -> row.tunnels().toldInAll()))
        .and(Figure.CUT, sum(rounds, row -> row.tunnels().cut()));
  }

  private static double sum(List<Row> rounds, ToLongFunction<Row> value) {
    return rounds.stream().mapToLong(value).sum();
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
