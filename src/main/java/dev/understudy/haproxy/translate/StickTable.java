package dev.understudy.haproxy.translate;

import dev.understudy.haproxy.syntax.Statement;
import java.time.Duration;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/**
 * A stick table: its size, and the counters that it stores with their periods.
 *
 * @param entries at most so many
 * @param keepsFirst whether a full table takes no entry, and has the old ones ({@code nopurge})
 * @param expire empty: none
 * @param counters periods of stored counters, such as 10 s of {@code http_req_rate}
 */
record StickTable(
    Statement statement,
    long entries,
    boolean keepsFirst,
    Optional<Duration> expire,
    Map<String, Duration> counters) {

  static StickTable of(Statement statement) {
    long entries = 100_000;
    Optional<Duration> expire = Optional.empty();
    Map<String, Duration> counters = new LinkedHashMap<>();
    List<String> words = statement.from(1);
    for (int i = 0; i + 1 < words.size(); i++) {
      String value = words.get(i + 1);
      switch (words.get(i)) {
        case "size" -> entries = HaproxyTimes.size(value).orElse(entries);
        case "expire" -> expire = HaproxyTimes.parse(value);
        case "store" -> store(value, counters);
        default -> {}
      }
    }
    return new StickTable(statement, entries, words.contains("nopurge"), expire, counters);
  }

  private static void store(String text, Map<String, Duration> counters) {
    for (String each : List.of(text.split(",", -1))) {
      int open = each.indexOf('(');
      String name = open < 0 ? each : each.substring(0, open);
      String period = open < 0 ? "" : each.substring(open + 1).replace(")", "");
      counters.put(name, HaproxyTimes.parse(period).orElse(Duration.ZERO));
    }
  }

  /** Entries within the bounds of Understudy's tables. */
  long boundedEntries() {
    return Math.clamp(entries, 1, 1_000_000);
  }
}
