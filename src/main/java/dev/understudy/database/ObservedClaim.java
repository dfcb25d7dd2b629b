package dev.understudy.database;

import dev.understudy.failover.RoleClaim;
import dev.understudy.health.HealthStatus;
import dev.understudy.health.Observation;
import dev.understudy.health.ProbeOutcome;
import dev.understudy.pool.Check;
import dev.understudy.pool.HttpCheck;
import dev.understudy.pool.TcpCheck;
import java.time.Instant;
import org.jspecify.annotations.Nullable;

/**
 * What the probes of one server have seen of its claim to be primary; of meaning only if its check
 * proves the role, so that UP is the claim. An immutable value that each probe replaces by the
 * next.
 *
 * <table>
 * <caption>How a claim began</caption>
 * <tr><th>status<th>probes<th>origin
 * <tr><td>UNKNOWN to UP<td>the first was good<td>FOUND
 * <tr><td>DOWN to UP<td>the last bad one denied the role<td>PROMOTED
 * <tr><td>DOWN to UP<td>otherwise: no response, or an error such as "starting up"<td>RETURNED
 * </table>
 *
 * @param origin how the present or last claim began
 * @param denied whether the newest bad probe had the response that it is not primary, and it is not
 *     UP since
 * @param history of its data, when it last claimed the role; null if the check cannot see it
 * @param earlier the history before the present one; null if this process has seen no other
 * @param missing the history that its data had before, and has lost; null if it has lost none
 * @param measured how far its data has come by its newest probe; null if that did not see it
 */
public record ObservedClaim(
    Origin origin,
    boolean denied,
    @Nullable DataHistory history,
    @Nullable DataHistory earlier,
    @Nullable DataHistory missing,
    @Nullable Measured measured)
    implements RoleClaim {
  /** How a claim began. */
  public enum Origin {
    /** The claim was there at the first probe. */
    FOUND,
    /** The claim came back with the server. */
    RETURNED,
    /** The server denied the role until then: a standby that was promoted. */
    PROMOTED
  }

  /**
   * How far its data had come.
   *
   * @param asked when it was asked
   * @param good whether the probe was good: then it is the primary's position
   */
  public record Measured(DataPosition position, Instant asked, boolean good) {
    static @Nullable Measured of(Observation.Probe probe) {
      DataPosition position = DataPosition.ofStored(probe.position());
      return position == null
          ? null
          : new Measured(position, probe.asked(), probe.outcome().good());
    }
  }

  public static final ObservedClaim NONE =
      new ObservedClaim(Origin.FOUND, false, null, null, null, null);

  /** Whether a probe of that outcome says that the server is not primary. */
  public static boolean denies(Check check, ProbeOutcome outcome) {
    boolean byStatus = check instanceof HttpCheck || check instanceof TcpCheck;
    return outcome == ProbeOutcome.WRONG_ROLE
        || (byStatus && outcome.hasResponse() && !outcome.good());
  }

  /** The claim after a probe that counts. */
  public ObservedClaim probed(Check check, Observation.Probe probe) {
    ProbeOutcome outcome = probe.outcome();
    Measured now = Measured.of(probe);
    if (!outcome.good()) {
      boolean denies = denies(check, outcome);
      return new ObservedClaim(origin, denies, history, earlier, denies ? null : missing, now);
    }
    DataHistory seen = DataHistory.ofStored(probe.history());
    if (seen == null) {
      return with(now);
    }
    DataHistory had = missing == null ? history : missing;
    boolean less = had != null && !denied && seen.hasLost(had);
    DataHistory before = history == null || history.isSame(seen) ? earlier : history;
    return new ObservedClaim(origin, denied, seen, before, less ? had : null, now);
  }

  private ObservedClaim with(@Nullable Measured now) {
    return new ObservedClaim(origin, denied, history, earlier, missing, now);
  }

  /** Whether it is the same claim, however far the data has come. */
  public boolean isSameClaim(ObservedClaim other) {
    return equals(other.with(measured));
  }

  /** The claim after a change of the server's status. */
  public ObservedClaim changed(HealthStatus before, HealthStatus after) {
    if (after != HealthStatus.UP || before == HealthStatus.UP) {
      return this;
    }
    Origin begun =
        before == HealthStatus.UNKNOWN ? Origin.FOUND : denied ? Origin.PROMOTED : Origin.RETURNED;
    return new ObservedClaim(begun, false, history, earlier, missing, measured);
  }

  @Override
  public boolean promoted() {
    return origin == Origin.PROMOTED;
  }

  @Override
  public @Nullable String lost() {
    return missing == null ? null : missing.toString();
  }

  /**
   * {@inheritDoc} That it lost data while it served is to be judged first, by all replicas; if it
   * begins to serve so, an operator wanted it.
   */
  @Override
  public @Nullable String history(@Nullable String kept, boolean begins) {
    if (history == null || (missing != null && !begins)) {
      return kept;
    }
    DataHistory before = DataHistory.ofStored(kept);
    boolean newer =
        missing != null
            || before == null
            || before.isBehind(history)
            || (before.isSame(history) && before.isEmptiedCopyOf(history))
            || (earlier != null && earlier.isSame(before) && !history.isSame(before));
    return newer ? history.stored() : kept;
  }
}
