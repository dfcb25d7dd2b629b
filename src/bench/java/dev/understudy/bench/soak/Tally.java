package dev.understudy.bench.soak;

import dev.understudy.bench.soak.Visit.Ending;
import dev.understudy.bench.soak.Visit.Window;
import java.util.ArrayList;
import java.util.Collection;
import java.util.EnumMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;

/** Counts visits by habit. */
final class Tally {
  private static final int MOST_EXAMPLES = 20;

  private final Map<Habit, Count> counts = new EnumMap<>(Habit.class);
  private final long startNanos = System.nanoTime();
  private final List<String> examples = new ArrayList<>();

  /** The counts of one habit. */
  private static final class Count {
    private long all;
    private long refused;
    private long brokenOff;
    private long unexpected;
  }

  synchronized void add(Visit visit, Collection<Window> faults) {
    Count count = counts.computeIfAbsent(visit.habit(), habit -> new Count());
    count.all++;
    if (!visit.isAsExpected(faults)) {
      count.unexpected++;
      if (examples.size() < MOST_EXAMPLES) {
        examples.add(visit.describe(faults, startNanos));
      }
    } else if (visit.ending() == Ending.REFUSED) {
      count.refused++;
    } else if (visit.ending() == Ending.BROKEN_OFF) {
      count.brokenOff++;
    }
  }

  synchronized long all() {
    return counts.values().stream().mapToLong(count -> count.all).sum();
  }

  synchronized long unexpected() {
    return counts.values().stream().mapToLong(count -> count.unexpected).sum();
  }

  /** A line for each habit, then some of the unexpected results. */
  synchronized String table() {
    StringBuilder text = new StringBuilder();
    text.append(row("visits", "all", "502*", "broken*", "unexpected"));
    counts.forEach(
        (habit, count) ->
            text.append(
                row(
                    habit.name().toLowerCase(Locale.ROOT).replace('_', ' '),
                    count.all,
                    count.refused,
                    count.brokenOff,
                    count.unexpected)));
    text.append("* during a fault: a POST under way, a response under way\n");
    examples.forEach(example -> text.append("  ").append(example).append('\n'));
    return text.toString();
  }

  private static String row(Object... cells) {
    return String.format(Locale.ROOT, "%-18s %10s %8s %8s %11s%n", cells);
  }
}
