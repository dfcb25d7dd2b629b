package dev.understudy.history;

import java.time.Instant;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/**
 * A time during which the same server served a pool.
 *
 * @param known false while this process did not run, or did not see who served
 * @param serving null if nobody served, or if it is not known
 * @param to exclusive; {@link Instant#MAX} within a {@link Timeline}, where the next one ends it
 * @param reason of the change at the beginning; null if it is not known
 * @param evidence the observations behind the reason, for people; null if there are none
 * @param operator the name of the operator who caused the change; null if none did
 * @param operatorReason the operator's words; null if there are none
 */
public record ServingPeriod(
    boolean known,
    @Nullable String serving,
    Instant from,
    Instant to,
    @Nullable String reason,
    long epoch,
    @Nullable String evidence,
    @Nullable String operator,
    @Nullable String operatorReason) {
  static ServingPeriod unknown(Instant from) {
    return new ServingPeriod(false, null, from, Instant.MAX, null, 0, null, null, null);
  }

  /** Whether the same server serves in the same epoch, or neither is known. */
  boolean isOf(ServingPeriod other) {
    return known == other.known && epoch == other.epoch && Objects.equals(serving, other.serving);
  }

  ServingPeriod within(Instant begin, Instant end) {
    return new ServingPeriod(
        known, serving, begin, end, reason, epoch, evidence, operator, operatorReason);
  }

  /** The same with the reason of an earlier one. */
  ServingPeriod explainedBy(ServingPeriod earlier) {
    return new ServingPeriod(
        known,
        serving,
        from,
        to,
        earlier.reason,
        epoch,
        earlier.evidence,
        earlier.operator,
        earlier.operatorReason);
  }
}
