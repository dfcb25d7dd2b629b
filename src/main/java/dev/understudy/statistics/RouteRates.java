package dev.understudy.statistics;

import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** The requests per second of routes, over the time that {@link CountWindow} covers. */
final class RouteRates {
  private RouteRates() {}

  /**
   * The rates of all routes of the newest reading.
   *
   * @param readings oldest first
   */
  static Map<String, Double> of(List<Reading> readings) {
    if (readings.isEmpty()) {
      return Map.of();
    }
    Map<String, Long> increases = new HashMap<>();
    Reading before = null;
    for (Reading reading : readings) {
      if (before != null) {
        addIncreases(before.routes(), reading.routes(), increases);
      }
      before = reading;
    }
    double seconds = Reading.seconds(readings.getFirst(), readings.getLast());
    Map<String, Double> rates = new HashMap<>();
    for (String route : readings.getLast().routes().keySet()) {
      rates.put(route, Rates.perSecond(increases.getOrDefault(route, 0L), seconds));
    }
    return Map.copyOf(rates);
  }

  private static void addIncreases(
      Map<String, Long> before, Map<String, Long> now, Map<String, Long> increases) {
    now.forEach(
        (route, count) -> {
          @Nullable Long earlier = before.get(route);
          increases.merge(route, Math.max(0, count - (earlier == null ? 0 : earlier)), Long::sum);
        });
  }
}
