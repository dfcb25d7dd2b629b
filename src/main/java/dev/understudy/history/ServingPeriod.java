package dev.understudy.history;

import java.time.Instant;
import org.jspecify.annotations.Nullable;

/**
 * A time during which the same server served a pool.
 *
 * @param known false while this process did not run, or did not see who served
 * @param serving null if nobody served, or if it is not known
 * @param to exclusive
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
    @Nullable String operatorReason) {}
