package dev.understudy.health;

import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * The probes of one server: those in flight, the newest that ended, and when the next is due.
 *
 * @param inFlight starts of those that have neither ended nor been voided, oldest first
 * @param newestStart start of the newest probe; null before the first
 * @param newestEnded start of the newest probe that ended and was not voided; null before the first
 * @param lastHadResponse whether that probe had a response, good or bad; false before the first
 * @param wantedAt when a probe is wanted in addition to the regular ones; null if none is
 */
public record ProbeSchedule(
    List<Instant> inFlight,
    @Nullable Instant newestStart,
    @Nullable Instant newestEnded,
    boolean lastHadResponse,
    @Nullable Instant wantedAt) {
  /** The most probes of one server that may be in flight. */
  public static final int MOST_IN_FLIGHT = 5;

  public ProbeSchedule {
    inFlight = List.copyOf(inFlight);
  }

  static ProbeSchedule firstDueAt(Instant when) {
    return new ProbeSchedule(List.of(), null, null, false, when);
  }

  /** Whether fewer than {@link #MOST_IN_FLIGHT} probes are in flight. */
  public boolean mayStart() {
    return inFlight.size() < MOST_IN_FLIGHT;
  }

  boolean wanted() {
    return wantedAt != null;
  }

  /** Whether an observation with that start is older than the newest probe that ended. */
  boolean isOlderThanNewest(Instant start) {
    return newestEnded != null && start.isBefore(newestEnded);
  }

  Instant nextDue(Duration spacing) {
    if (newestStart == null) {
      return wantedAt == null ? Instant.MIN : wantedAt;
    }
    Instant regular = newestStart.plus(spacing);
    return wantedAt != null && wantedAt.isBefore(regular) ? wantedAt : regular;
  }

  ProbeSchedule started(Instant start) {
    if (!mayStart()) {
      throw new IllegalStateException(inFlight.size() + " probes are in flight");
    }
    List<Instant> more = new ArrayList<>(inFlight);
    more.add(start);
    return new ProbeSchedule(more, start, newestEnded, lastHadResponse, null);
  }

  ProbeSchedule ended(Instant start) {
    List<Instant> fewer = new ArrayList<>(inFlight);
    fewer.remove(start);
    return new ProbeSchedule(fewer, newestStart, newestEnded, lastHadResponse, wantedAt);
  }

  ProbeSchedule endedAsNewest(Instant start, boolean hadResponse) {
    ProbeSchedule rest = ended(start);
    return new ProbeSchedule(rest.inFlight, newestStart, start, hadResponse, wantedAt);
  }

  /** Takes one back, and wants another {@code apart} after the newest start. */
  ProbeSchedule voided(Instant start, Duration apart) {
    Instant newest = newestStart == null ? start : newestStart;
    return inFlight.contains(start) ? ended(start).wanted(newest.plus(apart)) : this;
  }

  ProbeSchedule allVoided() {
    ProbeSchedule none =
        new ProbeSchedule(List.of(), newestStart, newestEnded, lastHadResponse, wantedAt);
    return newestStart == null ? none : none.wanted(newestStart);
  }

  /** Wants one more probe now, but no sooner than {@code apart} after the newest start. */
  ProbeSchedule wantedSoon(Instant now, Duration apart) {
    Instant earliest = newestStart == null ? now : newestStart.plus(apart);
    return wanted(earliest.isAfter(now) ? earliest : now);
  }

  /** Wants no additional probe any more. */
  ProbeSchedule withoutExtraProbe() {
    return new ProbeSchedule(inFlight, newestStart, newestEnded, lastHadResponse, null);
  }

  private ProbeSchedule wanted(Instant when) {
    Instant earlier = wantedAt != null && wantedAt.isBefore(when) ? wantedAt : when;
    return new ProbeSchedule(inFlight, newestStart, newestEnded, lastHadResponse, earlier);
  }
}
