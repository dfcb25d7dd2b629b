package dev.understudy.bench.agreement;

import dev.understudy.bench.report.Spread;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.function.Function;
import java.util.function.ToDoubleFunction;

/**
 * All rounds of one kind.
 *
 * @param writes by all replicas together from the failure to the last switch; that of replicas that
 *     decide alone is none
 */
record Results(int pools, Fleet.FoundBy foundBy, List<Pair> pairs) {
  /** One round with the agreement, and one without right after it. */
  record Pair(Outcome agreed, Calls.Count calls, Outcome alone) {}

  Results(int pools, Fleet.FoundBy foundBy) {
    this(pools, foundBy, new ArrayList<>());
  }

  void add(Pair pair) {
    pairs.add(pair);
  }

  String title() {
    return "%d %s, found by %s"
        .formatted(pools, pools == 1 ? "pool" : "pools", foundBy.name().toLowerCase(Locale.ROOT));
  }

  Times decisions(Function<Pair, Outcome> side) {
    return Times.of(pairs.stream().map(side).map(Outcome::decisions).toList());
  }

  Times skews(Function<Pair, Outcome> side) {
    return Times.of(pairs.stream().map(side).map(Outcome::skews).toList());
  }

  Times wholes(Function<Pair, Outcome> side) {
    return Times.of(pairs.stream().map(side).map(o -> new long[] {o.whole()}).toList());
  }

  /** The worst pool of each round: its time with the agreement divided by that without. */
  Spread ratio(Function<Outcome, long[]> times) {
    return Spread.of(
        pairs.stream()
            .mapToDouble(
                pair ->
                    (double) Times.longest(times.apply(pair.agreed()))
                        / Times.longest(times.apply(pair.alone()))));
  }

  /** For each pool's decision. */
  double perDecision(ToDoubleFunction<Calls.Count> count) {
    return pairs.stream().mapToDouble(pair -> count.applyAsDouble(pair.calls())).sum()
        / ((double) pairs.size() * pools);
  }
}
