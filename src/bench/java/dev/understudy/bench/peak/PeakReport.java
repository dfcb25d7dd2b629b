package dev.understudy.bench.peak;

import static dev.understudy.bench.report.Spread.number;

import dev.understudy.bench.report.Figure;
import dev.understudy.bench.report.Figures.Row;
import dev.understudy.bench.report.Table;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;

/** The tables of ascents. */
final class PeakReport {
  /** Seconds from the start that have a row of their own; the last one ends the longest run. */
  private static final List<Integer> SHOWN = List.of(1, 2, 3, 5, 10, 20, 30, 60, 120, 180);

  /** One ascent at a rate. */
  private record Entry(String subject, int rate, Ascent ascent) {
    String topic() {
      return PeakReport.topic(rate);
    }
  }

  private final List<Entry> entries = new ArrayList<>();

  /** The name of a rate. */
  static String topic(int rate) {
    return String.format(Locale.ROOT, "%,d requests/s", rate);
  }

  void add(String subject, int rate, Ascent ascent) {
    entries.add(new Entry(subject, rate, ascent));
  }

  /** One row for each ascent. */
  String table() {
    Table table =
        new Table(
            "rate, proxy",
            "µs/request at the end",
            "seconds to peak",
            "CPU s in the first 10 s",
            "first 10 s: > 10 ms",
            "> 100 ms",
            "worst ms",
            "p99 ms at the end",
            "failed");
    for (Entry entry : entries) {
      Ascent ascent = entry.ascent();
      table.add(
          entry.topic() + ": " + entry.subject(),
          number(ascent.finalMicros(), 1),
          number(ascent.secondsToPeak(), 0),
          number(ascent.cpuSecondsAtFirst(), 2),
          number(ascent.slowAtFirst(10), 0),
          number(ascent.slowAtFirst(100), 0),
          number(ascent.worstAtFirstMillis(), 1),
          number(ascent.finalMillis(0.99), 2),
          number(ascent.failed(), 0));
    }
    return table.toString();
  }

  /** What clients saw second by second. */
  String course() {
    Table table =
        new Table(
            "rate, proxy", "second", "responses", "µs/request, 5 s", "p50 ms", "p99 ms", "max ms");
    for (Entry entry : entries) {
      List<Second> seconds = entry.ascent().seconds();
      for (int shown : SHOWN) {
        if (shown <= seconds.size()) {
          Second second = seconds.get(shown - 1);
          table.add(
              entry.topic() + ": " + entry.subject(),
              Integer.toString(shown),
              number(second.latencies().count(), 0),
              number(entry.ascent().micros(shown - 1), 1),
              number(second.millis(0.5), 2),
              number(second.millis(0.99), 2),
              number(second.millis(1), 1));
        }
      }
    }
    return table.toString();
  }

  /** The same for the page of results. */
  List<Row> rows() {
    return entries.stream()
        .map(
            entry ->
                new Row(entry.topic(), entry.subject())
                    .and(Figure.CPU_MICROS, entry.ascent().finalMicros())
                    .and(Figure.PEAK_SECONDS, entry.ascent().secondsToPeak())
                    .and(Figure.SLOWER_THAN_10_MILLIS, entry.ascent().slowAtFirst(10))
                    .and(Figure.SLOWER_THAN_100_MILLIS, entry.ascent().slowAtFirst(100))
                    .and(Figure.WORST_AT_FIRST_MILLIS, entry.ascent().worstAtFirstMillis())
                    .and(Figure.P99_MILLIS, entry.ascent().finalMillis(0.99))
                    .and(Figure.LOST, entry.ascent().failed()))
        .toList();
  }
}
