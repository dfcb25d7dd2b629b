package dev.understudy.health;

import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * The probes of one server: those in flight, the newest that ended, and when the next is due.
 *
 * @param inFlight their starts, oldest first
 * @param newestStart start of the newest probe; null before the first
 * @param newestEnded start of the newest probe that ended and was not voided; null before the first
 * @param lastHadResponse whether that probe had a response
 * @param wantedAt when a probe is wanted in addition to the regular ones; null if none is
 */
record Probes(
    List<Instant> inFlight,
    @Nullable Instant newestStart,
    @Nullable Instant newestEnded,
    boolean lastHadResponse,
    @Nullable Instant wantedAt) {
  Probes {
    inFlight = List.copyOf(inFlight);
  }

  static Probes firstDueAt(Instant when) {
    return new Probes(List.of(), null, null, false, when);
  }

  boolean wanted() {
    return wantedAt != null;
  }

  /** Whether an observation with that start is older than the newest probe that ended. */
  boolean outdates(Instant start) {
    return newestEnded != null && start.isBefore(newestEnded);
  }

  Instant nextDue(Duration spacing) {
    if (newestStart == null) {
      return wantedAt == null ? Instant.MIN : wantedAt;
    }
    Instant regular = newestStart.plus(spacing);
    return wantedAt != null && wantedAt.isBefore(regular) ? wantedAt : regular;
  }

  Probes started(Instant start) {
    if (inFlight.size() >= Health.MAX_PROBES_IN_FLIGHT) {
      throw new IllegalStateException(inFlight.size() + " probes are in flight");
    }
    List<Instant> more = new ArrayList<>(inFlight);
    more.add(start);
    return new Probes(more, start, newestEnded, lastHadResponse, null);
  }

  Probes ended(Instant start) {
    List<Instant> fewer = new ArrayList<>(inFlight);
    fewer.remove(start);
    return new Probes(fewer, newestStart, newestEnded, lastHadResponse, wantedAt);
  }

  Probes endedAsNewest(Instant start, boolean hadResponse) {
    Probes rest = ended(start);
    return new Probes(rest.inFlight, newestStart, start, hadResponse, wantedAt);
  }

  /** Takes one back, and wants another {@code apart} after the newest start. */
  Probes voided(Instant start, Duration apart) {
    Instant newest = newestStart == null ? start : newestStart;
    return inFlight.contains(start) ? ended(start).wanted(newest.plus(apart)) : this;
  }

  Probes allVoided() {
    Probes none = new Probes(List.of(), newestStart, newestEnded, lastHadResponse, wantedAt);
    return newestStart == null ? none : none.wanted(newestStart);
  }

  /** Wants one more probe now, but no sooner than {@code apart} after the newest start. */
  Probes wantedSoon(Instant now, Duration apart) {
    Instant earliest = newestStart == null ? now : newestStart.plus(apart);
    return wanted(earliest.isAfter(now) ? earliest : now);
  }

  /** Wants no additional probe any more. */
  Probes unhurried() {
    return new Probes(inFlight, newestStart, newestEnded, lastHadResponse, null);
  }

  private Probes wanted(Instant when) {
    Instant earlier = wantedAt != null && wantedAt.isBefore(when) ? wantedAt : when;
    return new Probes(inFlight, newestStart, newestEnded, lastHadResponse, earlier);
  }
}
