package dev.understudy.agreement;

import dev.understudy.failover.Reason;
import dev.understudy.failover.Tenure;
import java.time.Instant;
import org.jspecify.annotations.Nullable;

/**
 * Who plays a pool's role, as far as this replica knows.
 *
 * @param reason of the last change; null before the first
 * @param since when the last change was
 */
public record Agreed(Tenure tenure, @Nullable Reason reason, Instant since) {}
