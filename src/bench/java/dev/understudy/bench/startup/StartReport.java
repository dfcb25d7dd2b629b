package dev.understudy.bench.startup;

import dev.understudy.bench.report.Figure;
import dev.understudy.bench.report.Figures.Row;
import dev.understudy.bench.report.Goal;
import dev.understudy.bench.report.Measurements;
import dev.understudy.bench.report.Spread;
import dev.understudy.bench.report.Table;
import dev.understudy.bench.startup.Start.Moment;
import java.util.List;
import java.util.Map;
import java.util.function.Function;
import java.util.function.ToDoubleFunction;

/**
 * The tables of starts, and what of the targets they decide.
 *
 * @param starts by the title of their form
 * @param loadedMegabytes RSS after the 1 KB scenario, by the same titles
 */
record StartReport(Measurements<Start> starts, Map<String, Double> loadedMegabytes) {
  static final String JAR = "java -jar";
  static final String IMAGE = "image's options, AOT cache";
  static final String HAPROXY = "HAProxy";
  static final String POOLS = ", 200 pools";

  String table() {
    Table table =
        new Table(
            "start of",
            "first response, s",
            "x loop",
            "x HAProxy",
            "CPU, s",
            "x loop",
            "RSS, MB",
            "ready, s",
            "x loop",
            "CPU, s",
            "bad events",
            "RSS after 1 KB, MB");
    for (String form : starts.subjects()) {
      table.add(
          form,
          starts.spread(form, seconds(Start::proxied)).text(2),
          starts.loops(form, seconds(Start::proxied)).text(2),
          Spread.number(ofHaproxy(form).median(), 0),
          starts.spread(form, cpu(Start::proxied)).text(2),
          starts.cpuLoops(form, cpu(Start::proxied)).text(2),
          starts.spread(form, start -> start.proxied().rssMegabytes()).text(0),
          starts.spread(form, seconds(Start::ready)).text(2),
          starts.loops(form, seconds(Start::ready)).text(2),
          starts.spread(form, cpu(Start::ready)).text(2),
          starts.spread(form, Start::badEvents).text(0),
          Spread.number(loaded(form), 0));
    }
    return table.toString();
  }

  /** The same for the page of results; the topic is the number of pools. */
  List<Row> rows(String haproxy) {
    return starts.subjects().stream()
        .map(
            form ->
                new Row(
                        form.endsWith(POOLS) ? POOLS.substring(", ".length()) : "1 pool",
                        form.replace(POOLS, "").replace(HAPROXY, haproxy))
                    .and(
                        Figure.FIRST_RESPONSE_SECONDS, starts.spread(form, seconds(Start::proxied)))
                    .and(Figure.READY_SECONDS, starts.spread(form, seconds(Start::ready)))
                    .and(
                        Figure.RSS_MB, starts.spread(form, start -> start.proxied().rssMegabytes()))
                    .and(Figure.LOADED_RSS_MB, loaded(form)))
        .toList();
  }

  List<Goal> goals() {
    return List.of(
        new Goal(
            "plain java -jar: first proxied response",
            4,
            2,
            starts.loops(JAR, seconds(Start::proxied)).median(),
            " loops"),
        new Goal(
            "image's options and AOT cache: the same",
            1.2,
            0.6,
            starts.loops(IMAGE, seconds(Start::proxied)).median(),
            " loops"),
        new Goal(
            "ready with 200 pools and 400 servers, AOT cache",
            3,
            2,
            starts.loops(IMAGE + POOLS, seconds(Start::ready)).median(),
            " loops"),
        new Goal(
            "bad events of each such start, at most",
            0,
            0,
            starts.spread(IMAGE + POOLS, Start::badEvents).max(),
            ""),
        new Goal("RSS after the 1 KB run, image's options", 160, 130, loaded(IMAGE), "MB"));
  }

  private Spread ofHaproxy(String form) {
    return starts.ratio(
        form, form.endsWith(POOLS) ? HAPROXY + POOLS : HAPROXY, seconds(Start::proxied));
  }

  private double loaded(String form) {
    return loadedMegabytes.getOrDefault(form, Double.NaN);
  }

  private static ToDoubleFunction<Start> seconds(Function<Start, Moment> moment) {
    return start -> moment.apply(start).seconds();
  }

  private static ToDoubleFunction<Start> cpu(Function<Start, Moment> moment) {
    return start -> moment.apply(start).cpuSeconds();
  }
}
