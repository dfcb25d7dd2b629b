package dev.understudy.bench.request;

import static dev.understudy.bench.report.Spread.number;

import dev.understudy.bench.report.Figure;
import dev.understudy.bench.report.Figures.Row;
import dev.understudy.bench.report.Goal;
import dev.understudy.bench.report.Spread;
import dev.understudy.bench.report.Table;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.function.ToDoubleFunction;

/** The table of requests, and what of the targets it decides. */
final class Report {
  private final Results results;

  Report(Results results) {
    this.results = results;
  }

  String table() {
    Table table =
        new Table(
            "scenario, proxy",
            "CPU µs/request",
            "x HAProxy",
            "x the newest",
            "x Gateway",
            "requests/s",
            "p50 ms",
            "p99 ms",
            "p99 x HAProxy",
            "p50 ms, fixed",
            "p99 ms, fixed",
            "RSS MB",
            "failed");
    for (Scenario scenario : results.scenarios()) {
      for (Contender contender : results.contenders(scenario)) {
        row(table, scenario, contender);
      }
    }
    return table.toString();
  }

  private void row(Table table, Scenario scenario, Contender contender) {
    Contender reference = contender.reference();
    table.add(
        scenario.title() + ": " + contender.title(),
        results.spread(scenario, contender, Sample::cpuMicros).text(1),
        results.ratio(scenario, contender, reference, Sample::cpuMicros).text(2),
        results.ratio(scenario, contender, Contender.HAPROXY_NEWEST, Sample::cpuMicros).text(2),
        contender == Contender.GATEWAY_LANE
            ? results.ratio(scenario, contender, Contender.VANILLA, Sample::cpuMicros).text(2)
            : "",
        results.spread(scenario, contender, sample -> sample.saturated().perSecond()).text(0),
        median(scenario, contender, sample -> sample.saturated().quantileMillis(0.5)),
        results.spread(scenario, contender, Report::saturatedP99).text(2),
        results.ratio(scenario, contender, reference, Report::saturatedP99).text(2),
        median(scenario, contender, sample -> sample.paced().quantileMillis(0.5)),
        median(scenario, contender, sample -> sample.paced().quantileMillis(0.99)),
        number(results.rssMegabytes(scenario, contender), 0),
        String.format(Locale.ROOT, "%,d", failed(scenario, contender)));
  }

  private long failed(Scenario scenario, Contender contender) {
    return results.of(scenario, contender).stream().mapToLong(Sample::failed).sum();
  }

  private String median(Scenario scenario, Contender contender, ToDoubleFunction<Sample> value) {
    return number(results.spread(scenario, contender, value).median(), 2);
  }

  private static double saturatedP99(Sample sample) {
    return sample.saturated().quantileMillis(0.99);
  }

  /** The same for the page of results. */
  List<Row> rows() {
    List<Row> rows = new ArrayList<>();
    for (Scenario scenario : results.scenarios()) {
      for (Contender contender : results.contenders(scenario)) {
        rows.add(
            new Row(scenario.title(), contender.title())
                .and(Figure.CPU_MICROS, results.spread(scenario, contender, Sample::cpuMicros))
                .and(
                    Figure.CPU_OF_INSTALLED,
                    results.ratio(scenario, contender, contender.reference(), Sample::cpuMicros))
                .and(
                    Figure.CPU_OF_NEWEST,
                    results.ratio(scenario, contender, Contender.HAPROXY_NEWEST, Sample::cpuMicros))
                .and(
                    Figure.PER_SECOND,
                    results.spread(scenario, contender, sample -> sample.saturated().perSecond()))
                .and(Figure.P99_MILLIS, results.spread(scenario, contender, Report::saturatedP99))
                .and(
                    Figure.PACED_P99_MILLIS,
                    results.spread(
                        scenario, contender, sample -> sample.paced().quantileMillis(0.99)))
                .and(Figure.FAILED, failed(scenario, contender))
                .and(Figure.RSS_MB, results.rssMegabytes(scenario, contender)));
      }
    }
    return rows;
  }

  /** The targets of requests. */
  List<Goal> goals() {
    return List.of(
        goal("CPU per request, 1 KB", 1.0, 0.85, cpu(Scenario.KB_1)),
        goal("CPU per request, 64 KB", 0.85, 0.75, cpu(Scenario.KB_64)),
        goal("CPU per request, POST of 16 KB", 0.75, 0.65, cpu(Scenario.POST)),
        new Goal(
            "10,000 routes against 1, CPU per request",
            1.05,
            1.0,
            results
                .ratio(
                    Scenario.ROUTES,
                    Contender.UNDERSTUDY_MANY,
                    Contender.UNDERSTUDY,
                    Sample::cpuMicros)
                .median(),
            "x"),
        goal(
            "p99 at saturation, 64 connections",
            1.2,
            1.0,
            results.ratio(
                Scenario.KB_1, Contender.UNDERSTUDY, Contender.HAPROXY, Report::saturatedP99)),
        new Goal(
            "Gateway lane, CPU per request, of the plain Gateway's",
            0.45,
            0.35,
            results
                .ratio(Scenario.KB_1, Contender.GATEWAY_LANE, Contender.VANILLA, Sample::cpuMicros)
                .median(),
            "x"),
        goal("CPU per request, new connections", 1.15, 1.0, cpu(Scenario.CONNECTIONS)),
        goal("CPU per TLS 1.3 handshake", 1.3, 1.0, cpu(Scenario.TLS_CONNECTIONS)),
        goal("CPU per TLS 1.3 handshake, the first 5,000", 2.0, 1.2, cpu(Scenario.TLS_START)),
        goal("CPU per request, 1 KB, kept TLS", 1.0, 0.9, cpu(Scenario.TLS)),
        goal("CPU per request, 1 KB, HTTP/2", 1.2, 1.0, cpu(Scenario.HTTP2)),
        goal("WebSocket echo, CPU per message", 1.3, 1.0, cpu(Scenario.WEBSOCKET)),
        new Goal(
            "RSS after the 1 KB run",
            160,
            130,
            results.rssMegabytes(Scenario.KB_1, Contender.UNDERSTUDY),
            "MB"));
  }

  private Spread cpu(Scenario scenario) {
    return results.ratio(scenario, Contender.UNDERSTUDY, Contender.HAPROXY, Sample::cpuMicros);
  }

  private static Goal goal(String name, double must, double aim, Spread ratio) {
    return new Goal(name + ", of HAProxy's", must, aim, ratio.median(), "x");
  }
}
