package dev.understudy.haproxy.translate;

import dev.understudy.haproxy.report.VerdictLedger;
import dev.understudy.haproxy.syntax.Statement;
import dev.understudy.haproxy.yaml.YamlNode.YamlMap;
import dev.understudy.pool.UnitParser;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/** How long requests and connections of a pool last, and how often requests are sent. */
final class BackendTimeouts {
  private static final Duration SHORTEST = Duration.ofMillis(1);
  private static final Duration LONGEST = Duration.ofHours(24);
  private static final Duration LONGEST_HOLD = Duration.ofHours(1);

  /** What HAProxy has without {@code retries}. */
  private static final String DEFAULT_RETRIES = "3";

  private BackendTimeouts() {}

  /** Adds {@code hold}, {@code retry} and {@code timeouts}, and judges the lines. */
  static void addTo(YamlMap pool, ProxySection proxy) {
    VerdictLedger ledger = proxy.context.ledger;
    proxy
        .take("timeout", "queue")
        .ifPresent(
            line ->
                HaproxyTimes.within(line.word(2), Duration.ZERO, LONGEST_HOLD)
                    .map(time -> YamlMap.flow().put("time", time))
                    .ifPresent(hold -> pool.put("hold", hold, List.of(line.source()))));
    addRetry(pool, proxy, ledger);
    addTimeouts(pool, proxy, ledger);
  }

  private static void addRetry(YamlMap pool, ProxySection proxy, VerdictLedger ledger) {
    Optional<Statement> on = proxy.take("retry-on");
    Optional<Statement> retries = proxy.take("retries");
    if (on.isPresent() && !on.get().begins("retry-on", "none") && !proxy.isTcp()) {
      List<String> comments = new ArrayList<>(retries.stream().map(Statement::source).toList());
      comments.add(on.get().source());
      String times = retries.map(line -> line.word(1)).orElse(DEFAULT_RETRIES);
      long attempts =
          times.matches("[0-9]{1,3}") ? Math.clamp(Long.parseLong(times) + 1, 1, 10) : 1;
      pool.put("retry", YamlMap.flow().put("attempts", attempts), comments);
      ledger.row(on.get(), "proxy", "retry-on");
      retries.ifPresent(line -> ledger.exact(line, "`retry.attempts`"));
    } else {
      on.ifPresent(line -> ledger.notNeeded(line, "connections that fail are always tried again"));
      retries.ifPresent(line -> ledger.row(line, "proxy", "retries"));
    }
  }

  private static void addTimeouts(YamlMap pool, ProxySection proxy, VerdictLedger ledger) {
    boolean tunnelled = proxy.has("timeout", "tunnel");
    List<String> server =
        !proxy.isTcp() ? List.of("response", "idle") : tunnelled ? List.of() : List.of("tunnel");
    YamlMap timeouts = YamlMap.flow();
    List<String> comments = new ArrayList<>();
    for (String name : List.of("connect", "server", "tunnel")) {
      Optional<Statement> line = proxy.take("timeout", name);
      List<String> settings = name.equals("server") ? server : List.of(name);
      if (line.isPresent() && settings.isEmpty()) {
        ledger.notNeeded(line.get(), "timeout tunnel takes its place");
      } else if (line.isPresent()) {
        settings.forEach(setting -> timeouts.put(setting, limit(line.get())));
        comments.add(line.get().source());
        ledger.row(line.get(), "timeout", name);
      }
    }
    proxy
        .last("http-reuse")
        .filter(line -> !proxy.isTcp() && line.begins("http-reuse", "never"))
        .ifPresent(
            line -> {
              timeouts.put("keep-alive", "0s");
              comments.add(line.source());
              proxy.takeAll("http-reuse");
              ledger.approximated(
                  line,
                  "`timeouts.keep-alive: 0s`: each request has its own connection; HAProxy keeps it"
                      + " for the same client");
            });
    if (!timeouts.isEmpty()) {
      pool.put("timeouts", timeouts, comments);
    }
  }

  /** A limit; 0, which means none, becomes the longest one. */
  private static String limit(Statement line) {
    Duration time = HaproxyTimes.parse(line.word(2)).filter(each -> !each.isZero()).orElse(LONGEST);
    return UnitParser.text(HaproxyTimes.within(time, SHORTEST, LONGEST));
  }
}
