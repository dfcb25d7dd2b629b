package dev.understudy.pool;

import dev.understudy.network.Networks;
import java.time.Instant;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * What an operator last set a whole pool to: maintenance, in which no client is served but those of
 * some networks, or ready again.
 *
 * @param on whether it is maintenance
 * @param since when it was set, by the clock of the replica that was asked
 * @param until when it ends by itself, by each replica's own clock; null if an operator ends it
 * @param allow the networks of clients that are served nevertheless, at most {@value
 *     #MOST_NETWORKS}
 * @param by null if not known
 */
public record PoolMaintenance(
    boolean on, Instant since, @Nullable Instant until, Networks allow, @Nullable Operator by) {
  public static final int MOST_NETWORKS = 16;

  /** Set to ready. */
  public static PoolMaintenance ended(Instant since, @Nullable Operator by) {
    return new PoolMaintenance(false, since, null, Networks.NONE, by);
  }

  /** Whether the pool is in maintenance at that time. */
  public boolean isOn(Instant now) {
    return on && (until == null || now.isBefore(until));
  }

  /** Whether the other has the same effect, whoever set it. */
  public boolean isLike(PoolMaintenance other) {
    return withoutAct().equals(other.withoutAct());
  }

  private PoolMaintenance withoutAct() {
    return new PoolMaintenance(on, Instant.EPOCH, until, allow, null);
  }

  /** The networks of {@code allow}, as they were written. */
  public List<String> networks() {
    return allow.texts();
  }
}
