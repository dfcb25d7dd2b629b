package dev.understudy.haproxy.translate;

import dev.understudy.haproxy.report.Ledger;
import dev.understudy.haproxy.syntax.Statement;
import dev.understudy.haproxy.yaml.YamlMap;
import java.time.Duration;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.stream.Stream;

/** How long a backend's requests wait, and how often they are tried. */
final class BackendTimeouts {
  private static final Duration SHORTEST = Duration.ofMillis(1);
  private static final Duration LONGEST = Duration.ofHours(24);
  private static final Duration LONGEST_HOLD = Duration.ofHours(1);

  /** What HAProxy has without {@code retries}. */
  private static final String DEFAULT_RETRIES = "3";

  private final Ledger ledger;
  private final boolean tcp;
  private final Optional<Statement> queue;
  private final Optional<Statement> retries;
  private final Optional<Statement> retryOn;

  /** Lines of {@code timeout} by their second word. */
  private final Map<String, Statement> timeouts = new LinkedHashMap<>();

  BackendTimeouts(Ledger ledger, Proxy proxy) {
    this.ledger = ledger;
    tcp = proxy.isTcp();
    queue = proxy.take("timeout", "queue");
    retries = proxy.take("retries");
    retryOn = proxy.take("retry-on");
    for (String name : List.of("connect", "server", "tunnel")) {
      proxy.take("timeout", name).ifPresent(line -> timeouts.put(name, line));
    }
  }

  /** Whether requests are sent again that a server did not answer. */
  private boolean isSentAgain() {
    return !tcp && retryOn.filter(line -> !line.begins("retry-on", "none")).isPresent();
  }

  /** The settings that a time-out becomes: in TCP the idle time of a server is that of a tunnel. */
  private List<String> settings(String name) {
    if (!name.equals("server")) {
      return List.of(name);
    }
    return !tcp
        ? List.of("response", "idle")
        : timeouts.containsKey("tunnel") ? List.of() : List.of("tunnel");
  }

  void judge() {
    queue.ifPresent(line -> ledger.row(line, "timeout", "queue"));
    if (isSentAgain()) {
      retryOn.ifPresent(line -> ledger.row(line, "proxy", "retry-on"));
      retries.ifPresent(line -> ledger.exact(line, "`retry.attempts`"));
    } else {
      retryOn.ifPresent(
          line -> ledger.notNeeded(line, "connections that fail are always tried again"));
      retries.ifPresent(line -> ledger.row(line, "proxy", "retries"));
    }
    timeouts.forEach(
        (name, line) -> {
          if (settings(name).isEmpty()) {
            ledger.notNeeded(line, "timeout tunnel takes its place");
          } else {
            ledger.row(line, "timeout", name);
          }
        });
  }

  /** Adds {@code hold}, {@code retry} and {@code timeouts} to a pool. */
  void addTo(YamlMap pool) {
    queue
        .flatMap(line -> TimeText.within(line.word(2), Duration.ZERO, LONGEST_HOLD))
        .ifPresent(
            time ->
                pool.put(
                    "hold",
                    YamlMap.flow().put("time", time),
                    queue.stream().map(Statement::source).toList()));
    if (isSentAgain()) {
      pool.put(
          "retry",
          YamlMap.flow().put("attempts", attempts()),
          Stream.concat(retries.stream(), retryOn.stream()).map(Statement::source).toList());
    }
    YamlMap yaml = YamlMap.flow();
    List<String> comments = new ArrayList<>();
    timeouts.forEach(
        (name, line) -> {
          List<String> settings = settings(name);
          settings.forEach(each -> yaml.put(each, limit(line)));
          if (!settings.isEmpty()) {
            comments.add(line.source());
          }
        });
    if (!yaml.isEmpty()) {
      pool.put("timeouts", yaml, comments);
    }
  }

  /** A limit; 0 is none, to which the longest is nearest. */
  private static String limit(Statement line) {
    Duration time = TimeText.parse(line.word(2)).filter(each -> !each.isZero()).orElse(LONGEST);
    return TimeText.ours(TimeText.within(time, SHORTEST, LONGEST));
  }

  /** How often a request is tried: once more than it is tried again. */
  private long attempts() {
    String digits = retries.map(line -> line.word(1)).orElse(DEFAULT_RETRIES);
    return digits.matches("[0-9]{1,3}") ? Math.clamp(Long.parseLong(digits) + 1, 1, 10) : 1;
  }
}
