package dev.understudy.agreement;

import dev.understudy.failover.Reason;
import dev.understudy.failover.Tenure;
import dev.understudy.pool.OperatorState;
import dev.understudy.pool.PoolId;
import dev.understudy.pool.ServerId;
import java.time.Instant;
import java.util.Locale;
import java.util.Map;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;

/**
 * Content of the state file in the form in which it is written: names as text, sorted, so that two
 * files can be compared by eye.
 *
 * @param version version of this form; files of other versions are rejected
 */
record StateDocument(int version, Map<String, Entry> pools) {
  static final int VERSION = 1;

  /**
   * State of one pool.
   *
   * @param operatorStates of the servers that are not {@code ready}
   */
  record Entry(
      @Nullable String serving,
      long epoch,
      @Nullable String reason,
      @Nullable Instant since,
      @Nullable String pinned,
      int failbacks,
      @Nullable Instant lastFailback,
      Map<String, String> operatorStates) {}

  static StateDocument of(Map<PoolId, PoolMemory> memory) {
    Map<String, Entry> pools = new TreeMap<>();
    memory.forEach((pool, remembered) -> pools.put(pool.value(), entry(remembered)));
    return new StateDocument(VERSION, pools);
  }

  /**
   * Converts the text back into values.
   *
   * @param now upper limit of all remembered times, whatever the clock did meanwhile
   * @throws IllegalArgumentException if a value is impossible
   */
  Map<PoolId, PoolMemory> memory(Instant now) {
    Map<PoolId, PoolMemory> memory = new TreeMap<>();
    pools.forEach((pool, entry) -> memory.put(new PoolId(pool), memory(entry, now)));
    return memory;
  }

  private static Entry entry(PoolMemory memory) {
    Map<String, String> states = new TreeMap<>();
    memory
        .operatorStates()
        .forEach((id, state) -> states.put(id.value(), state.name().toLowerCase(Locale.ROOT)));
    Agreed agreed = memory.agreed();
    if (agreed == null) {
      return new Entry(null, 0, null, null, null, 0, null, states);
    }
    Tenure tenure = agreed.tenure();
    return new Entry(
        text(tenure.serving()),
        tenure.epoch(),
        agreed.reason() == null ? null : agreed.reason().name(),
        agreed.since(),
        text(tenure.pinned()),
        tenure.failbacks(),
        tenure.lastFailback(),
        states);
  }

  private static PoolMemory memory(Entry entry, Instant now) {
    Map<ServerId, OperatorState> states = new TreeMap<>();
    entry
        .operatorStates()
        .forEach(
            (id, state) ->
                states.put(
                    new ServerId(id), OperatorState.valueOf(state.toUpperCase(Locale.ROOT))));
    if (entry.since() == null) {
      return new PoolMemory(null, states);
    }
    Tenure tenure =
        new Tenure(
            server(entry.serving()),
            entry.epoch(),
            server(entry.pinned()),
            entry.failbacks(),
            entry.lastFailback() == null ? null : earlier(entry.lastFailback(), now));
    Reason reason = entry.reason() == null ? null : Reason.valueOf(entry.reason());
    return new PoolMemory(new Agreed(tenure, reason, earlier(entry.since(), now), ""), states);
  }

  private static @Nullable String text(@Nullable ServerId id) {
    return id == null ? null : id.value();
  }

  private static @Nullable ServerId server(@Nullable String text) {
    return text == null ? null : new ServerId(text);
  }

  private static Instant earlier(Instant remembered, Instant now) {
    return remembered.isAfter(now) ? now : remembered;
  }
}
