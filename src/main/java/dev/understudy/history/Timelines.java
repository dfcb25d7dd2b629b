package dev.understudy.history;

import dev.understudy.history.Timeline.Tenure;
import dev.understudy.pool.DnsLabel;
import dev.understudy.pool.PoolId;
import java.time.DateTimeException;
import java.time.Instant;
import java.util.LinkedHashMap;
import java.util.Set;
import java.util.function.UnaryOperator;
import org.jspecify.annotations.Nullable;
import tools.jackson.databind.JsonNode;

/**
 * The timelines of all pools, told by the documents of events in their order. Not safe for several
 * threads.
 *
 * <table>
 * <caption>Effects</caption>
 * <tr><th>event</th><th>effect</th></tr>
 * <tr><td>switched, kept, nobody-serves</td><td>the pool's tenure begins</td></tr>
 * <tr><td>configuration-applied</td><td>tenures of removed pools end</td></tr>
 * <tr><td>stopped</td><td>all tenures end</td></tr>
 * <tr><td>started</td><td>all tenures ended when the last run was alive for the last time</td></tr>
 * <tr><td>any other</td><td>none</td></tr>
 * </table>
 *
 * <p>At most {@value #MOST_POOLS} pools are kept, those that changed last.
 */
final class Timelines {
  /** Twice as many as a file may have. */
  static final int MOST_POOLS = 2_000;

  private static final Set<String> CONCERN =
      Set.of("switched", "kept", "nobody-serves", "configuration-applied", "stopped", "started");

  /** In the order of their last change. */
  private final LinkedHashMap<PoolId, Timeline> pools = new LinkedHashMap<>(16, 0.75f, true);

  Timeline of(PoolId pool) {
    return pools.getOrDefault(pool, Timeline.EMPTY);
  }

  void add(StoredEvent event) {
    if (!CONCERN.contains(event.type())) {
      return;
    }
    JsonNode document = event.document();
    Instant at = event.at();
    PoolId pool = event.pool();
    switch (event.type()) {
      case "switched" -> change(pool, line -> line.begins(tenure("to", document, at, line)));
      case "kept" -> change(pool, line -> line.begins(tenure("serving", document, at, line)));
      case "nobody-serves" -> change(pool, line -> line.begins(tenure("", document, at, line)));
      case "configuration-applied" ->
          document.path("removedPools").forEach(name -> end(name.asString(""), at));
      case "stopped" -> pools.replaceAll((any, line) -> line.ends(at));
      default -> {
        Instant ended = earlier(document.path("lastAlive").asString(""), at);
        pools.replaceAll((any, line) -> line.ends(ended));
      }
    }
  }

  private void end(String name, Instant at) {
    PoolId pool = DnsLabel.isValid(name) ? new PoolId(name) : null;
    if (pool != null && pools.containsKey(pool)) {
      change(pool, line -> line.ends(at));
    }
  }

  private void change(@Nullable PoolId pool, UnaryOperator<Timeline> change) {
    if (pool == null) {
      return;
    }
    pools.put(pool, change.apply(of(pool)));
    if (pools.size() > MOST_POOLS) {
      pools.pollFirstEntry();
    }
  }

  /**
   * @param serving the field with the serving server
   */
  private static Tenure tenure(String serving, JsonNode document, Instant at, Timeline before) {
    Tenure last = before.last();
    return new Tenure(
        true,
        text(document, serving),
        at,
        text(document, "reason"),
        document.path("epoch").asLong(last == null ? 0 : last.epoch()),
        text(document, "evidence"),
        text(document, "operator"),
        text(document, "operatorReason"));
  }

  private static @Nullable String text(JsonNode document, String field) {
    JsonNode value = document.path(field);
    return value.isString() ? value.stringValue() : null;
  }

  private static Instant earlier(String alive, Instant started) {
    try {
      Instant ended = Instant.parse(alive);
      return ended.isBefore(started) ? ended : started;
    } catch (DateTimeException e) {
      return started;
    }
  }
}
