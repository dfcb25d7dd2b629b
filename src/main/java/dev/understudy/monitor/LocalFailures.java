package dev.understudy.monitor;

import dev.understudy.health.LocalFailure;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Collection;
import java.util.EnumMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.concurrent.atomic.LongAdder;

/**
 * Failures for want of this machine's resources: counted on any thread, and made episodes on the
 * monitor's. An episode begins with the first failure of a resource, and ends when there was none
 * for {@link #QUIET}.
 */
public final class LocalFailures {
  static final Duration QUIET = Duration.ofSeconds(30);

  private final Map<LocalFailure, LongAdder> counts = new EnumMap<>(LocalFailure.class);
  private final Map<LocalFailure, Long> seen = new EnumMap<>(LocalFailure.class);
  private final Map<LocalFailure, Episode> running = new EnumMap<>(LocalFailure.class);

  /** Creates counts that are all zero. */
  public LocalFailures() {
    for (LocalFailure each : LocalFailure.values()) {
      counts.put(each, new LongAdder());
    }
  }

  /**
   * A time in which a resource was used up.
   *
   * @param failures in this episode, so far
   * @param newest when the newest was seen
   * @param over whether it has ended
   */
  record Episode(
      LocalFailure resource, Instant begun, long failures, Instant newest, boolean over) {}

  /** Counts a failure; from any thread. */
  public void happened(LocalFailure failure) {
    adder(failure).increment();
  }

  /** The number of failures since the start; from any thread. */
  public long count(LocalFailure failure) {
    return adder(failure).sum();
  }

  private LongAdder adder(LocalFailure failure) {
    return Objects.requireNonNull(counts.get(failure));
  }

  /** Looks at the counts; returns the episodes that have begun or ended since the last look. */
  List<Episode> look(Instant now) {
    List<Episode> news = new ArrayList<>();
    for (LocalFailure each : LocalFailure.values()) {
      long count = count(each);
      Long before = seen.put(each, count);
      long more = count - (before == null ? 0 : before);
      Episode episode = running.get(each);
      if (more > 0) {
        if (episode == null) {
          episode = new Episode(each, now, more, now, false);
          news.add(episode);
        } else {
          episode = new Episode(each, episode.begun(), episode.failures() + more, now, false);
        }
        running.put(each, episode);
      } else if (episode != null && !now.isBefore(episode.newest().plus(QUIET))) {
        running.remove(each);
        news.add(new Episode(each, episode.begun(), episode.failures(), episode.newest(), true));
      }
    }
    return news;
  }

  /** The episodes that go on, by the last look. */
  Collection<Episode> running() {
    return running.values();
  }
}
