package dev.understudy.history;

import dev.understudy.pool.PoolId;
import dev.understudy.text.Words;
import java.time.DateTimeException;
import java.time.Instant;
import java.util.ArrayDeque;
import java.util.Collections;
import java.util.Comparator;
import java.util.Deque;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Set;
import java.util.function.UnaryOperator;
import org.jspecify.annotations.Nullable;
import tools.jackson.databind.JsonNode;

/**
 * The timelines of all pools, made of the documents of events in their order. Not safe for several
 * threads.
 *
 * <table>
 * <caption>Effects</caption>
 * <tr><th>event</th><th>effect</th></tr>
 * <tr><td>switched, kept, nobody-serves</td><td>the pool's tenure begins</td></tr>
 * <tr><td>nobody-serves that is over</td><td>the pool's tenure ends</td></tr>
 * <tr><td>configuration-applied</td><td>tenures of removed pools end</td></tr>
 * <tr><td>stopped</td><td>all tenures end</td></tr>
 * <tr><td>started</td><td>all tenures ended when the last run was alive for the last time</td></tr>
 * <tr><td>any other</td><td>none</td></tr>
 * </table>
 *
 * <p>At most {@value #MOST_POOLS} pools are kept, those that changed last, and {@value
 * #MOST_TENURES} tenures in all; beyond these, the longest timeline loses its older half. Evidence
 * is cut at {@value #MOST_EVIDENCE} characters. The newest {@value #MOST_PENDING} events are parsed
 * when a timeline is read.
 */
final class Timelines {
  /** Twice as many as a file may have. */
  static final int MOST_POOLS = 2_000;

  static final int MOST_TENURES = 20_000;
  static final int MOST_EVIDENCE = 500;
  static final int MOST_PENDING = 50;

  private static final Set<String> CONCERN =
      Set.of("switched", "kept", "nobody-serves", "configuration-applied", "stopped", "started");

  /** In the order of their last change. */
  private final LinkedHashMap<PoolId, Timeline> pools = new LinkedHashMap<>();

  /** In all timelines. */
  private int tenures;

  /** Told, and not yet part of a timeline. */
  private final Deque<StoredEvent> pending = new ArrayDeque<>();

  int tenures() {
    takeAll();
    return tenures;
  }

  Timeline of(PoolId pool) {
    takeAll();
    return known(pool);
  }

  private Timeline known(PoolId pool) {
    return pools.getOrDefault(pool, Timeline.EMPTY);
  }

  /** Parses one event at most, and none of the first: a switch and the start wait for it. */
  void add(StoredEvent event) {
    if (CONCERN.contains(event.type())) {
      pending.add(event);
      if (pending.size() > MOST_PENDING) {
        take(pending.remove());
      }
    }
  }

  private void takeAll() {
    while (!pending.isEmpty()) {
      take(pending.remove());
    }
  }

  private void take(StoredEvent event) {
    JsonNode document = event.document();
    Instant at = event.at();
    PoolId pool = event.pool();
    switch (event.type()) {
      case "switched" -> change(pool, line -> line.begins(tenure("to", document, at, line)));
      case "kept" -> change(pool, line -> line.begins(tenure("serving", document, at, line)));
      case "nobody-serves" -> {
        boolean over = document.path("over").asBoolean(false);
        change(pool, line -> over ? line.ends(at) : line.begins(tenure("", document, at, line)));
      }
      case "configuration-applied" ->
          document.path("removedPools").forEach(name -> end(name.asString(""), at));
      case "stopped" -> endAll(at);
      default -> endAll(earlier(document.path("lastAlive").asString(""), at));
    }
  }

  private void endAll(Instant at) {
    for (PoolId pool : List.copyOf(pools.keySet())) {
      change(pool, line -> line.ends(at));
    }
  }

  private void end(String name, Instant at) {
    PoolId pool = PoolId.isValid(name) ? new PoolId(name) : null;
    if (pool != null && pools.containsKey(pool)) {
      change(pool, line -> line.ends(at));
    }
  }

  private void change(@Nullable PoolId pool, UnaryOperator<Timeline> change) {
    if (pool == null) {
      return;
    }
    put(pool, change.apply(known(pool)));
    if (pools.size() > MOST_POOLS) {
      tenures -= pools.pollFirstEntry().getValue().tenures().size();
    }
    if (tenures > MOST_TENURES) {
      shorten();
    }
  }

  private void put(PoolId pool, Timeline timeline) {
    tenures += timeline.tenures().size() - known(pool).tenures().size();
    pools.putLast(pool, timeline);
  }

  private void shorten() {
    PoolId longest =
        Collections.max(pools.keySet(), Comparator.comparingInt(id -> known(id).tenures().size()));
    Timeline shorter = known(longest).newerHalf();
    tenures += shorter.tenures().size() - known(longest).tenures().size();
    pools.replace(longest, shorter);
  }

  /**
   * @param serving the field with the serving server
   */
  private static ServingPeriod tenure(
      String serving, JsonNode document, Instant at, Timeline before) {
    ServingPeriod last = before.last();
    return new ServingPeriod(
        true,
        text(document, serving),
        at,
        Instant.MAX,
        text(document, "reason"),
        document.path("epoch").asLong(last == null ? 0 : last.epoch()),
        evidence(document),
        text(document, "operator"),
        text(document, "operatorReason"));
  }

  private static @Nullable String evidence(JsonNode document) {
    String text = text(document, "evidence");
    return text == null ? null : Words.cut(text, MOST_EVIDENCE);
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
