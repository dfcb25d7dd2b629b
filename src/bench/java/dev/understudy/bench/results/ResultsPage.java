package dev.understudy.bench.results;

import static dev.understudy.bench.report.Spread.number;

import dev.understudy.bench.report.Figure;
import dev.understudy.bench.report.Figures;
import dev.understudy.bench.report.Figures.Row;
import dev.understudy.bench.report.Machine;
import dev.understudy.bench.report.Spread;
import dev.understudy.bench.report.Table;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.Collectors;
import java.util.stream.Stream;

/** The page of results as Markdown. */
final class ResultsPage {
  private final Measured measured;
  private final FiveNumbers numbers;

  ResultsPage(Measured measured) {
    this.measured = measured;
    numbers = new FiveNumbers(measured);
  }

  /** The whole page. */
  String text() {
    return """
    # Results

    Understudy beside %s. Written by `src/bench/run results` from the figures of
    [`src/bench/run all`](README.md); [method](README.md#method). In parentheses are the least and the most of all rounds.

    %s
    %s
    %s

    %s
    %s
    ## Requests

    CPU is that of the proxy at saturation; its ratio is taken within each round. p99 is at saturation too.

    %s
    ## Failures

    200 requests a second, every fifth a POST, and 20 WebSockets, while the master fails. Gaps and latencies are the medians of the runs;
    the five numbers have the worst run's.

    %s
    ## Start

    From the start of the process.

    %s
    ## Memory

    After the requests of 1 KB.

    %s
    ## Peak

    Each begins anew, with requests at a fixed rate from its first response on. At its peak a request costs no more than 1.25 of what
    it costs at the end; slow requests are those of the first 10 seconds, after an upgrade until the new process has served for 10.

    %s
    ## Growth

    Memory is that after a full collection. The last row of each is what one more needs, memory in KB, up to 10,000: Understudy keeps so
    many events.

    %s\
    """
        .formatted(
            peers(),
            machine(),
            FiveNumbers.HEADING,
            "",
            numbers.table(),
            numbers.sentences(),
            requests(),
            failures(),
            start(),
            memory(),
            peak(),
            growth())
        .replaceAll("\n{3,}", "\n\n");
  }

  private String peers() {
    List<String> haproxy = measured.versions(Measured.HAPROXY);
    String all =
        Stream.of(haproxy.stream(), measured.versions("nginx").stream())
            .flatMap(names -> names)
            .collect(Collectors.joining(", "));
    return haproxy.size() > 1
        ? all + " and a plain Spring Cloud Gateway"
        : all
            + " and a plain Spring Cloud Gateway, as installed: newer ones of Debian could not be"
            + " run here";
  }

  private String machine() {
    Figures requests = measured.of(Measured.REQUESTS);
    Machine.Facts facts = requests.machine();
    Table table = new Table("machine", "");
    table.add("processor", facts.processor() + ", " + facts.cores() + " cores");
    table.add("memory", number(facts.memoryMegabytes(), 0) + " MB");
    table.add("kernel", facts.kernel());
    table.add("JDK", facts.jdk());
    table.add("Understudy", facts.understudy());
    measured
        .commands()
        .forEach(
            (command, figures) ->
                table.add(
                    "`" + command + "`",
                    "%s, load at the end %s"
                        .formatted(figures.date(), number(figures.machine().load(), 1))));
    return table.toString();
  }

  private String requests() {
    Table table =
        new Table(
            "requests, proxy",
            "CPU µs",
            "x the newest HAProxy's",
            "requests/s",
            "p99 ms",
            "p99 ms, fixed rate",
            "failed");
    for (Row row : measured.of(Measured.REQUESTS).rows()) {
      table.add(
          row.topic() + ": " + row.subject(),
          number(row.value(Figure.CPU_MICROS).median(), 1),
          ratio(row),
          number(row.value(Figure.PER_SECOND).median(), 0),
          number(row.value(Figure.P99_MILLIS).median(), 2),
          number(row.value(Figure.PACED_P99_MILLIS).median(), 2),
          whole(row, Figure.FAILED));
    }
    return table.toString();
  }

  /** Where the newest was not measured, that of the installed one, which it says. */
  private static String ratio(Row row) {
    Spread newest = row.value(Figure.CPU_OF_NEWEST);
    Spread installed = row.value(Figure.CPU_OF_INSTALLED);
    return Double.isNaN(newest.median()) && Double.isFinite(installed.median())
        ? installed.text(2) + " of the installed one's"
        : newest.text(2);
  }

  private String failures() {
    Table table =
        new Table(
            "what happens, proxy",
            "requests",
            "lost",
            "lost for nothing",
            "executed twice",
            "longest gap s",
            "worst latency s",
            "WebSockets told",
            "cut");
    for (Row row : measured.of(Measured.FAILURES).rows()) {
      table.add(
          row.topic() + ": " + row.subject(),
          whole(row, Figure.REQUESTS),
          whole(row, Figure.LOST),
          whole(row, Figure.LOST_FOR_NOTHING),
          whole(row, Figure.TWICE),
          number(row.value(Figure.GAP_SECONDS).median(), 2),
          number(row.value(Figure.WORST_SECONDS).median(), 2),
          whole(row, Figure.TOLD),
          whole(row, Figure.CUT));
    }
    return table.toString();
  }

  private String start() {
    Table table = new Table("pools, proxy", "first response s", "ready s", "RSS MB");
    for (Row row : measured.of(Measured.STARTUP).rows()) {
      table.add(
          row.topic() + ": " + row.subject(),
          row.value(Figure.FIRST_RESPONSE_SECONDS).text(2),
          row.value(Figure.READY_SECONDS).text(2),
          whole(row, Figure.RSS_MB));
    }
    return table.toString();
  }

  private String memory() {
    Table table = new Table("proxy", "RSS MB");
    measured.of(Measured.REQUESTS).of("1 KB").stream()
        .filter(row -> row.values().containsKey(Figure.RSS_MB))
        .forEach(row -> table.add(row.subject(), whole(row, Figure.RSS_MB)));
    measured.of(Measured.STARTUP).rows().stream()
        .filter(row -> row.values().containsKey(Figure.LOADED_RSS_MB))
        .filter(row -> !row.subject().startsWith(Measured.HAPROXY))
        .forEach(row -> table.add(row.subject(), whole(row, Figure.LOADED_RSS_MB)));
    return table.toString();
  }

  private String peak() {
    Table table =
        new Table(
            "rate, proxy",
            "seconds to peak",
            "CPU µs at the end",
            "> 10 ms",
            "> 100 ms",
            "worst ms",
            "p99 ms at the end",
            "failed");
    for (Row row : measured.of(Measured.PEAK).rows()) {
      table.add(
          row.topic() + ": " + row.subject(),
          whole(row, Figure.PEAK_SECONDS),
          number(row.value(Figure.CPU_MICROS).median(), 1),
          whole(row, Figure.SLOWER_THAN_10_MILLIS),
          whole(row, Figure.SLOWER_THAN_100_MILLIS),
          number(row.value(Figure.WORST_AT_FIRST_MILLIS).median(), 1),
          number(row.value(Figure.P99_MILLIS).median(), 2),
          whole(row, Figure.LOST));
    }
    return table.toString();
  }

  private String growth() {
    Table table =
        new Table(
            "what, proxy",
            "RSS MB",
            "heap MB",
            "CPU at rest %",
            "reload ms",
            "scrape ms",
            "page ms");
    Map<List<String>, List<Row>> subjects =
        measured.of(Measured.GROWTH).rows().stream()
            .collect(
                Collectors.groupingBy(
                    row -> List.of(row.topic(), row.subject()),
                    LinkedHashMap::new,
                    Collectors.toList()));
    subjects.forEach(
        (subject, rows) -> {
          for (Row row : rows) {
            table.add(
                whole(row, Figure.COUNT) + " " + row.topic() + ": " + row.subject(),
                whole(row, Figure.RSS_MB),
                number(row.value(Figure.HEAP_MB).median(), 1),
                number(row.value(Figure.REST_PERCENT).median(), 1),
                whole(row, Figure.RELOAD_MILLIS),
                number(row.value(Figure.SCRAPE_MILLIS).median(), 1),
                number(row.value(Figure.PAGE_MILLIS).median(), 1));
          }
          table.add(
              "each more of " + subject.get(0) + ": " + subject.get(1),
              number(1_000 * slope(rows, Figure.RSS_MB), 2),
              number(1_000 * slope(rows, Figure.HEAP_MB), 2),
              number(slope(rows, Figure.REST_PERCENT), 4),
              number(slope(rows, Figure.RELOAD_MILLIS), 3),
              number(slope(rows, Figure.SCRAPE_MILLIS), 4),
              number(slope(rows, Figure.PAGE_MILLIS), 4));
        });
    return table.toString();
  }

  private static double slope(List<Row> rows, Figure figure) {
    return Figures.slope(
        rows, row -> row.value(Figure.COUNT).median(), row -> row.value(figure).median());
  }

  private static String whole(Row row, Figure figure) {
    return number(row.value(figure).median(), 0);
  }
}
