package dev.understudy.bench.report;

import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.function.ToDoubleFunction;
import java.util.stream.IntStream;

/**
 * What was measured in rounds. A round begins with the Python loop, then measures each subject
 * once; ratios are taken within a round.
 *
 * @param <T> what one measurement of a subject gives
 */
public final class Measurements<T> {
  private final List<PythonLoop> loops = new ArrayList<>();
  private final Map<String, List<T>> subjects = new LinkedHashMap<>();

  /** Begins a round. */
  public void begin(PythonLoop loop) {
    loops.add(loop);
  }

  /** Adds a subject's measurement in this round. */
  public void add(String subject, T measurement) {
    subjects.computeIfAbsent(subject, name -> new ArrayList<>()).add(measurement);
  }

  /** All subjects in the order of the first round. */
  public Set<String> subjects() {
    return subjects.keySet();
  }

  public Spread spread(String subject, ToDoubleFunction<T> value) {
    return Spread.of(of(subject).stream().mapToDouble(value));
  }

  /** Seconds in terms of the loop's; no values without Python. */
  public Spread loops(String subject, ToDoubleFunction<T> seconds) {
    return ratio(subject, seconds, loops, PythonLoop::seconds);
  }

  /** Seconds of CPU time in terms of the loop's. */
  public Spread cpuLoops(String subject, ToDoubleFunction<T> seconds) {
    return ratio(subject, seconds, loops, PythonLoop::cpuSeconds);
  }

  /** A value in terms of a reference's; no values if either was not measured. */
  public Spread ratio(String subject, String reference, ToDoubleFunction<T> value) {
    return ratio(subject, value, of(reference), value);
  }

  /** One line about the unit. */
  public String unit() {
    Spread seconds = Spread.of(loops.stream().mapToDouble(PythonLoop::seconds));
    return Double.isNaN(seconds.median())
        ? "There is no python3: durations are in seconds alone, and targets in loops are not"
            + " judged."
        : "The unit, a loop of Python before each round: " + seconds.text(2) + " s.";
  }

  private <R> Spread ratio(
      String subject, ToDoubleFunction<T> value, List<R> references, ToDoubleFunction<R> unit) {
    List<T> own = of(subject);
    return Spread.of(
        IntStream.range(0, Math.min(own.size(), references.size()))
            .mapToDouble(
                i -> value.applyAsDouble(own.get(i)) / unit.applyAsDouble(references.get(i)))
            .filter(Double::isFinite));
  }

  private List<T> of(String subject) {
    return subjects.getOrDefault(subject, List.of());
  }
}
