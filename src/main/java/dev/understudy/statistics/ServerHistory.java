package dev.understudy.statistics;

import dev.understudy.health.HealthStatus;
import java.time.Duration;
import java.time.Instant;
import org.jspecify.annotations.Nullable;

/**
 * What happened to one server since the start of this process, or since the server was configured.
 * Takes about 250 bytes. Thread-safe: the monitor's thread and the sampling one write it.
 */
final class ServerHistory {
  /**
   * A summary.
   *
   * @param minutes {@link StatusStrip#text}
   * @param checksFailed probes that did not find the server good
   * @param downtime the time in which the server was DOWN, the present outage included in steps of
   *     5 s: each step is a change to send
   */
  record Summary(String minutes, long checksFailed, Duration downtime) {}

  private final StatusStrip strip = new StatusStrip();
  private long checksFailed;
  private Duration ended = Duration.ZERO;
  private Instant changed = Instant.MIN;
  private @Nullable Instant downSince;

  /** Counts a probe that did not find the server good. */
  synchronized void checkFailed() {
    checksFailed++;
  }

  /**
   * Takes note of the health. Reports come by two ways, and may repeat or be outdated.
   *
   * @param since when the status became what it is; a status older than the newest known is ignored
   */
  synchronized void health(HealthStatus status, Instant since) {
    if (since.isBefore(changed)) {
      return;
    }
    changed = since;
    if (status == HealthStatus.DOWN) {
      if (downSince == null) {
        downSince = since;
      }
    } else if (downSince != null) {
      ended = ended.plus(Duration.between(downSince, since));
      downSince = null;
    }
  }

  /** Marks the strip; characters as in {@link StatusStrip}. */
  synchronized void mark(char state, Instant at) {
    strip.mark(state, at);
  }

  synchronized Summary summary(Instant now) {
    Duration present =
        downSince == null || now.isBefore(downSince)
            ? Duration.ZERO
            : Duration.ofSeconds(Duration.between(downSince, now).toSeconds() / 5 * 5);
    return new Summary(strip.text(now), checksFailed, ended.plus(present));
  }
}
