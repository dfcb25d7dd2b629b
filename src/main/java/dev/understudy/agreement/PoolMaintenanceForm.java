package dev.understudy.agreement;

import dev.understudy.network.Networks;
import dev.understudy.pool.Operator;
import dev.understudy.pool.PoolMaintenance;
import java.time.Instant;
import java.util.List;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/**
 * The JSON form of a {@link PoolMaintenance}, in state files and in registers.
 *
 * @param by null if not known, as {@code reason}
 */
public record PoolMaintenanceForm(
    boolean on,
    Instant since,
    @Nullable Instant until,
    List<String> allow,
    @Nullable String by,
    @Nullable String reason) {
  /** The form of a maintenance. */
  public static PoolMaintenanceForm of(PoolMaintenance maintenance) {
    Operator by = maintenance.by();
    return new PoolMaintenanceForm(
        maintenance.on(),
        maintenance.since(),
        maintenance.until(),
        maintenance.networks(),
        by == null ? null : by.name(),
        by == null ? null : by.reason());
  }

  /**
   * The maintenance.
   *
   * @throws IllegalArgumentException if a value is impossible
   */
  public PoolMaintenance value() {
    try {
      return new PoolMaintenance(
          on,
          Objects.requireNonNull(since),
          until,
          Networks.of(allow),
          Operator.ofStored(by, reason));
    } catch (NullPointerException e) {
      throw new IllegalArgumentException("a maintenance without all of its fields", e);
    }
  }
}
