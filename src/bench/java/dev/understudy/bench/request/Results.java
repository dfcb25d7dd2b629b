package dev.understudy.bench.request;

import dev.understudy.bench.report.Spread;
import java.util.ArrayList;
import java.util.EnumMap;
import java.util.List;
import java.util.Map;
import java.util.function.ToDoubleFunction;
import java.util.stream.IntStream;

/** All samples and their evaluation. */
final class Results {
  private final Map<Scenario, Map<Contender, List<Sample>>> samples = new EnumMap<>(Scenario.class);
  private final Map<Scenario, Map<Contender, Long>> rss = new EnumMap<>(Scenario.class);

  void add(Scenario scenario, Contender contender, Sample sample) {
    samples
        .computeIfAbsent(scenario, key -> new EnumMap<>(Contender.class))
        .computeIfAbsent(contender, key -> new ArrayList<>())
        .add(sample);
  }

  void rss(Scenario scenario, Contender contender, long bytes) {
    rss.computeIfAbsent(scenario, key -> new EnumMap<>(Contender.class)).put(contender, bytes);
  }

  Iterable<Scenario> scenarios() {
    return samples.keySet();
  }

  Iterable<Contender> contenders(Scenario scenario) {
    return samples.get(scenario).keySet();
  }

  /** The samples in the order of the rounds; empty if the proxy took no part. */
  List<Sample> of(Scenario scenario, Contender contender) {
    return samples.getOrDefault(scenario, Map.of()).getOrDefault(contender, List.of());
  }

  Spread spread(Scenario scenario, Contender contender, ToDoubleFunction<Sample> value) {
    return Spread.of(of(scenario, contender).stream().mapToDouble(value));
  }

  /** Round by round, so that what disturbs the machine for a while disturbs no ratio much. */
  Spread ratio(
      Scenario scenario, Contender contender, Contender reference, ToDoubleFunction<Sample> value) {
    List<Sample> ours = of(scenario, contender);
    List<Sample> theirs = of(scenario, reference);
    return Spread.of(
        IntStream.range(0, Math.min(ours.size(), theirs.size()))
            .mapToDouble(
                i -> value.applyAsDouble(ours.get(i)) / value.applyAsDouble(theirs.get(i))));
  }

  /** After the scenario; NaN if it was not measured. */
  double rssMegabytes(Scenario scenario, Contender contender) {
    Long bytes = rss.getOrDefault(scenario, Map.of()).get(contender);
    return bytes == null ? Double.NaN : bytes / 1e6;
  }
}
