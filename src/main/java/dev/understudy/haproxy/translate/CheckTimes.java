package dev.understudy.haproxy.translate;

import dev.understudy.haproxy.syntax.Statement;
import dev.understudy.haproxy.yaml.YamlNode.YamlMap;
import dev.understudy.pool.HealthSettings;
import dev.understudy.pool.UnitParser;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;

/** The intervals and the time limit of a backend's check. */
final class CheckTimes extends SectionTranslation {
  /** Intervals: the parameter of a server, and the setting. */
  private static final List<List<String>> INTERVALS =
      List.of(
          List.of("inter", "interval"),
          List.of("fastinter", "fast-interval"),
          List.of("downinter", "down-interval"));

  private static final Duration SHORTEST_INTERVAL = Duration.ofMillis(10);
  private static final Duration LONGEST_INTERVAL = Duration.ofHours(24);
  private static final Duration SHORTEST_TIMEOUT = Duration.ofMillis(1);
  private static final Duration LONGEST_TIMEOUT = Duration.ofHours(1);

  CheckTimes(ProxySection proxy) {
    super(proxy);
  }

  /** Adds the times that a server's line and {@code timeout check} have. */
  void addTo(YamlMap health, ServerLine line) {
    for (List<String> each : INTERVALS) {
      HaproxyTimes.within(line.value(each.getFirst()), SHORTEST_INTERVAL, LONGEST_INTERVAL)
          .ifPresent(time -> health.put(each.getLast(), time));
    }
    HaproxyTimes.parse(line.value("inter")).ifPresent(inter -> judgeIntervals(line, inter));
    proxy
        .take("timeout", "check")
        .ifPresentOrElse(timeout -> addLimit(health, timeout), () -> judgeLimit(line));
  }

  /** HAProxy keeps {@code inter} in each state that has no interval of its own. */
  private void judgeIntervals(ServerLine line, Duration inter) {
    HealthSettings own = HealthSettings.DEFAULT;
    List<String> others = new ArrayList<>();
    if (line.value("fastinter").isEmpty() && inter.compareTo(own.fastInterval()) > 0) {
      others.add(
          "health.fast-interval, %s, while a state changes"
              .formatted(UnitParser.text(own.fastInterval())));
    }
    if (line.value("downinter").isEmpty() && !inter.equals(own.downInterval())) {
      others.add(
          "health.down-interval, %s, while a server is DOWN"
              .formatted(UnitParser.text(own.downInterval())));
    }
    if (!others.isEmpty()) {
      ledger.approximated(
          line.statement(),
          "checks come after "
              + String.join(", and after ", others)
              + "; in HAProxy after 'inter'");
    }
  }

  private void addLimit(YamlMap health, Statement timeout) {
    ledger.row(timeout, "timeout", "check");
    HaproxyTimes.within(timeout.word(2), SHORTEST_TIMEOUT, LONGEST_TIMEOUT)
        .ifPresent(time -> health.put("timeout", time, List.of(timeout.source())));
  }

  private void judgeLimit(ServerLine line) {
    Duration limit = HealthSettings.DEFAULT.timeout();
    HaproxyTimes.parse(line.value("inter"))
        .filter(each -> each.compareTo(limit) > 0)
        .ifPresent(
            each ->
                ledger.approximated(
                    line.statement(),
                    "a check ends after health.timeout, %s; in HAProxy without 'timeout check' it ends after 'inter'"
                        .formatted(UnitParser.text(limit))));
  }
}
