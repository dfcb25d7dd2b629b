package dev.understudy.gatewayapi.cluster;

import java.time.Instant;
import org.jspecify.annotations.Nullable;

/**
 * What the status of a FailoverPolicy shows of its pool.
 *
 * @param serving the name of the backend or Pod that serves; null if none does
 * @param since when it began to; null if that is not known
 */
public record ServingState(@Nullable String serving, long epoch, @Nullable Instant since) {}
