package dev.understudy.bench.growth;

import static dev.understudy.bench.report.Spread.number;

import dev.understudy.bench.report.Figure;
import dev.understudy.bench.report.Figures;
import dev.understudy.bench.report.Figures.Row;
import dev.understudy.bench.report.Table;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.function.ToDoubleFunction;

/** The table of what grows, and its slopes. */
final class GrowthReport {
  /** What there is more and more of, and a proxy. */
  private record Subject(Kind kind, String proxy) {}

  /** What there is more and more of. */
  enum Kind {
    POOLS("pools of two servers", "pool"),
    CLIENTS("idle HTTP clients", "client"),
    WEBSOCKETS("idle WebSockets", "WebSocket"),
    EVENTS("events", "event");

    private final String many;
    private final String one;

    Kind(String many, String one) {
      this.many = many;
      this.one = one;
    }

    String of(int count) {
      return String.format(Locale.ROOT, "%,d %s", count, many);
    }
  }

  private final Map<Subject, List<Reading>> readings = new LinkedHashMap<>();

  void add(Kind kind, String proxy, Reading reading) {
    readings.computeIfAbsent(new Subject(kind, proxy), key -> new ArrayList<>()).add(reading);
  }

  /** A row for each reading, and below those of a proxy what one more needs. */
  String table() {
    Table table =
        new Table("", "RSS MB", "heap MB", "CPU at rest %", "reload ms", "scrape ms", "page ms");
    readings.forEach(
        (subject, rows) -> {
          for (Reading row : rows) {
            table.add(
                subject.proxy() + ": " + subject.kind().of(row.count()),
                number(row.rssMegabytes(), 0),
                number(row.heapMegabytes(), 1),
                number(row.restPercent(), 1),
                number(row.reloadMillis(), 0),
                number(row.scrapeMillis(), 1),
                number(row.pageMillis(), 1));
          }
          table.add(
              subject.proxy() + ": each " + subject.kind().one + " more",
              number(kilobytes(rows, Reading::rssMegabytes), 2) + " KB",
              number(kilobytes(rows, Reading::heapMegabytes), 2) + " KB",
              number(slope(rows, Reading::restPercent), 4),
              number(slope(rows, Reading::reloadMillis), 3),
              number(slope(rows, Reading::scrapeMillis), 4),
              number(slope(rows, Reading::pageMillis), 4));
        });
    return table.toString();
  }

  private static double kilobytes(List<Reading> rows, ToDoubleFunction<Reading> megabytes) {
    return 1_000 * slope(rows, megabytes);
  }

  static double slope(List<Reading> rows, ToDoubleFunction<Reading> value) {
    return Figures.slope(rows, Reading::count, value);
  }

  /** The readings for the page of results; the topic is the kind. */
  List<Row> rows() {
    List<Row> all = new ArrayList<>();
    readings.forEach(
        (subject, rows) -> {
          for (Reading row : rows) {
            all.add(
                new Row(subject.kind().many, subject.proxy())
                    .and(Figure.COUNT, row.count())
                    .and(Figure.RSS_MB, row.rssMegabytes())
                    .and(Figure.HEAP_MB, row.heapMegabytes())
                    .and(Figure.REST_PERCENT, row.restPercent())
                    .and(Figure.RELOAD_MILLIS, row.reloadMillis())
                    .and(Figure.SCRAPE_MILLIS, row.scrapeMillis())
                    .and(Figure.PAGE_MILLIS, row.pageMillis()));
          }
        });
    return all;
  }
}
