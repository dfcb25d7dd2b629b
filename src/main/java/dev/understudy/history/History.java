package dev.understudy.history;

import dev.understudy.pool.PoolId;
import java.time.Instant;
import java.util.List;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/** The events of this replica, of earlier runs too, bounded. Safe for any thread. */
public interface History {
  /**
   * The name that makes ids unique, 1 to 32 of {@code 0-9a-z}: numbers of one history grow and are
   * never given twice. Each run of the process begins another history, which has the events of
   * earlier runs too: no run knows for certain which numbers others gave out, since one that cannot
   * write leaves no trace.
   */
  String name();

  /**
   * The newest events, whatever their kind, oldest first, at most {@code limit}.
   *
   * @param pool the pool that they concern; null for all pools and the replica itself
   * @param since the earliest time; null for all
   * @param after the id that theirs exceed; 0 for all
   */
  List<StoredEvent> newest(@Nullable PoolId pool, int limit, @Nullable Instant since, long after);

  /**
   * Events, oldest first, at most {@code limit}; if there are more, the newest of each {@link
   * dev.understudy.event.Event.Kind} in equal shares, so that many changes of health hide no
   * switch.
   *
   * @param pool the pool that they concern; null for all pools and the replica itself
   * @param since the earliest time; null for all
   */
  List<StoredEvent> shares(@Nullable PoolId pool, int limit, @Nullable Instant since);

  /**
   * What a reader lacks, oldest first.
   *
   * @param pool the pool that the events concern; null for all pools and the replica itself
   * @param lastSeen the {@link EventId} of the last event that the reader has seen, or its number
   *     alone
   * @return all later events, also if the id is of an earlier history that this one continues; the
   *     newest 1,000 for any other id, as that of another replica
   */
  List<StoredEvent> missed(@Nullable PoolId pool, String lastSeen);

  /**
   * Calls {@code listener} for each later event, in order; it must return at once.
   *
   * @return ends the subscription when run
   */
  Runnable subscribe(Consumer<StoredEvent> listener);

  /**
   * Who served a pool from {@code from} until {@code to}, oldest first: without a gap from the
   * earliest known moment on, at most {@value Timeline#MOST} segments. Empty for a balance pool.
   */
  List<ServingPeriod> timeline(PoolId pool, Instant from, Instant to);
}
