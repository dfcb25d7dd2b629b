package dev.understudy.admin;

import dev.understudy.snapshot.CheckAges;
import java.time.Instant;
import org.jspecify.annotations.Nullable;

/**
 * How old the newest checks of all servers are; {@code checks} of {@code GET /api/overview}.
 *
 * @param servers the number of servers, of all pools
 * @param late the number of those whose checks are late
 * @param oldest when the server was checked that was checked longest ago, of the late ones if there
 *     are any; null without servers
 * @param stretch by what factor the intervals of checks are longer than configured, as this process
 *     gets too little CPU: 1 to 2.5
 */
public record ChecksDocument(int servers, int late, @Nullable Instant oldest, double stretch) {
  /** Describes them; times are by the clock on the wall. */
  public static ChecksDocument of(CheckAges ages, double stretch) {
    Instant oldest = ages.oldest();
    return new ChecksDocument(
        ages.servers(),
        ages.late(),
        oldest == null ? null : OverviewDocument.millis(oldest),
        Math.round(stretch * 100) / 100.0);
  }
}
