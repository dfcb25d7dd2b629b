package dev.understudy.statistics;

import dev.understudy.pool.Operator;
import dev.understudy.pool.PoolMaintenance;
import dev.understudy.snapshot.PoolState;
import java.time.Instant;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * The maintenance of a whole pool, as JSON shows it.
 *
 * @param until when it ends by itself; null if an operator ends it
 * @param allow the networks of clients that are served nevertheless
 * @param operator null if not known, as {@code operatorReason}
 */
public record MaintenanceOverview(
    Instant since,
    @Nullable Instant until,
    List<String> allow,
    @Nullable String operator,
    @Nullable String operatorReason) {
  /** The maintenance of a pool; null if it is in none. */
  public static @Nullable MaintenanceOverview of(PoolState state) {
    PoolMaintenance on = state.maintenance();
    if (on == null) {
      return null;
    }
    Operator by = on.by();
    return new MaintenanceOverview(
        on.since(),
        on.until(),
        on.networks(),
        by == null ? null : by.name(),
        by == null ? null : by.reason());
  }
}
