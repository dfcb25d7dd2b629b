package dev.understudy.bench.startup;

import dev.understudy.scenario.HttpConnection;
import java.io.IOException;
import java.util.List;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

/**
 * The events by which a replica doubts its servers: a server DOWN, a pool that nobody serves, a
 * serving server that changes. A start before good servers has none.
 */
final class BadEvents {
  private static final JsonMapper JSON = JsonMapper.shared();
  private static final int OK = 200;

  private BadEvents() {}

  /** Counts those that a running Understudy has of these pools. */
  static long count(int managementPort, List<String> pools) throws IOException {
    long count = 0;
    try (HttpConnection connection = new HttpConnection(managementPort)) {
      for (String pool : pools) {
        String target = "/api/events?limit=1000&pool=" + pool;
        HttpConnection.Answer answer = connection.send("GET", target, "");
        if (answer.status() != OK) {
          throw new IOException("GET " + target + ": " + answer.body());
        }
        count += count(answer.body());
      }
    }
    return count;
  }

  /** Counts those in a response of {@code /api/events}. */
  static long count(String events) {
    return JSON.readTree(events).path("events").valueStream().filter(BadEvents::isBad).count();
  }

  private static boolean isBad(JsonNode event) {
    return switch (event.path("type").asString("")) {
      case "health-changed" -> event.path("to").asString("").equals("DOWN");
      case "switched" -> event.path("from").isString() || !event.path("to").isString();
      case "circuit-changed" -> event.path("open").asBoolean(false);
      case "nobody-serves", "serves-down", "failback-awaited" -> true;
      default -> false;
    };
  }
}
