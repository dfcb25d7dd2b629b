package dev.understudy.bench.starved;

import dev.understudy.scenario.HttpConnection;
import java.io.IOException;
import java.time.Duration;
import java.util.Map;
import java.util.TreeMap;
import java.util.stream.Collectors;
import tools.jackson.databind.json.JsonMapper;

/** How many pools an Understudy calls well, degraded or served by nobody. */
final class Overview {
  private static final Duration PATIENCE = Duration.ofSeconds(30);

  private Overview() {}

  /** Asks {@code /api/overview}; such as {@code 90 well, 10 degraded}. */
  static String of(int managementPort) {
    try (HttpConnection connection = new HttpConnection(managementPort)) {
      connection.setPatience(PATIENCE);
      return of(connection.send("GET", "/api/overview", "").body());
    } catch (IOException e) {
      return "no overview: " + e.getMessage();
    }
  }

  static String of(String document) {
    Map<String, Long> conditions =
        JsonMapper.shared()
            .readTree(document)
            .path("pools")
            .valueStream()
            .collect(
                Collectors.groupingBy(
                    pool -> pool.path("condition").asString("?"),
                    TreeMap::new,
                    Collectors.counting()));
    return conditions.entrySet().stream()
        .map(condition -> condition.getValue() + " " + condition.getKey())
        .collect(Collectors.joining(", "));
  }
}
