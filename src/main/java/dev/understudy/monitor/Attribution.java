package dev.understudy.monitor;

import dev.understudy.health.HealthStatus;
import dev.understudy.health.Observation;
import dev.understudy.health.Observation.Traffic;
import dev.understudy.health.Observation.Trouble;
import dev.understudy.health.ProbeOutcome;
import java.time.Duration;
import java.time.Instant;
import org.jspecify.annotations.Nullable;

/**
 * What explains an observation of one server: the server itself, against which it counts, this
 * process or its machine, or what was done to the server on purpose. An immutable value that each
 * observation replaces by the next; the first row that fits holds.
 *
 * <table>
 * <caption>Causes</caption>
 * <tr><th>observation<th>seen<th>cause
 * <tr><td>probe that was not ended, or not made for want of a resource of this machine<td>
 *     <td>SERVER: {@link dev.understudy.health.Health} knows that it tells nothing
 * <tr><td>probe of a server without an address<td><td>SERVER
 * <tr><td>time-out of a server's first probe<td>it began while this process was starting<td>START
 * <tr><td>bad probe<td>a planned switch may have fenced the server since it began<td>FENCE; of a
 *     server that is UNKNOWN for {@link #LONGEST_UNJUDGED} only: until then this replica has no
 *     vote, and if all are as new, nobody can end the switch
 * <tr><td>refused connection<td><td>SERVER: no pause makes one
 * <tr><td>bad probe<td>this process was paused since it began, and the probe is of the first round
 *     that was<td>PAUSE: the server may have been paused with it
 * <tr><td>bad probe of a later round<td>this process was paused since it began<td>SERVER: it has too
 *     little time for good, and has looked once more before it judged
 * <tr><td>any other probe<td><td>SERVER; the next round will be the first
 * <tr><td>agent: bad; traffic<td>a planned switch may have fenced the server since it began<td>FENCE
 * <tr><td>traffic CONNECT_TIMED_OUT, SILENT<td>this process was paused since it began<td>PAUSE;
 *     never of a silence that {@link SilenceWatch} reports, which begins anew after a pause
 * <tr><td>any other<td><td>SERVER
 * </table>
 *
 * <p>Probes that were in flight together are one round: one pause spoils them all. A process that
 * keeps pausing still finds a dead server.
 *
 * @param spoiled when the round was judged that a pause explained; null if none was since the last
 *     probe that no pause can have spoiled
 * @param unjudgedSince start of the first bad probe that a fence explained while the server was
 *     UNKNOWN; null if there was none
 */
record Attribution(@Nullable Instant spoiled, @Nullable Instant unjudgedSince) {
  static final Duration LONGEST_UNJUDGED = Duration.ofSeconds(4);
  static final Attribution NONE = new Attribution(null, null);

  /** What explains an observation. */
  enum Cause {
    SERVER,
    START,
    FENCE,
    PAUSE
  }

  /**
   * What is known here of the time since what was observed began.
   *
   * @param starting whether it began while this process was starting
   * @param paused whether this process was paused since
   * @param fenced whether a planned switch may have fenced the server since
   */
  record Circumstances(Instant now, boolean starting, boolean paused, boolean fenced) {}

  /** The cause of one observation. */
  record Verdict(Attribution next, Cause cause) {
    /** Whether it counts. */
    boolean counts() {
      return cause == Cause.SERVER;
    }
  }

  /**
   * Finds the cause; to be called once for each observation.
   *
   * @param status the server's status before it
   */
  Verdict of(Observation observation, HealthStatus status, Circumstances seen) {
    return switch (observation) {
      case Observation.Probe probe -> ofProbe(probe.asked(), probe.outcome(), status, seen);
      case Observation.Agent reply ->
          because(!reply.up() && seen.fenced ? Cause.FENCE : Cause.SERVER);
      case Traffic report -> because(ofTraffic(report.trouble(), seen));
    };
  }

  private static Cause ofTraffic(Trouble trouble, Circumstances seen) {
    boolean waited = trouble == Trouble.CONNECT_TIMED_OUT || trouble == Trouble.SILENT;
    return seen.fenced ? Cause.FENCE : waited && seen.paused ? Cause.PAUSE : Cause.SERVER;
  }

  private Verdict ofProbe(
      Instant asked, ProbeOutcome outcome, HealthStatus status, Circumstances seen) {
    if (!outcome.isObservation() || outcome == ProbeOutcome.UNRESOLVED) {
      return because(Cause.SERVER);
    }
    boolean timedOut = outcome == ProbeOutcome.TIMED_OUT;
    if (timedOut && status == HealthStatus.UNKNOWN && seen.starting) {
      return because(Cause.START);
    }
    if (!outcome.good() && seen.fenced) {
      Instant since =
          status != HealthStatus.UNKNOWN ? null : unjudgedSince == null ? asked : unjudgedSince;
      Attribution next = new Attribution(spoiled, since);
      return since == null || seen.now.isBefore(since.plus(LONGEST_UNJUDGED))
          ? next.because(Cause.FENCE)
          : next.ofUnfenced(asked, outcome, seen);
    }
    return ofUnfenced(asked, outcome, seen);
  }

  private Verdict ofUnfenced(Instant asked, ProbeOutcome outcome, Circumstances seen) {
    if (outcome.good() || !seen.paused) {
      return new Attribution(null, unjudgedSince).because(Cause.SERVER);
    }
    if (outcome == ProbeOutcome.CONNECT_FAILED || (spoiled != null && asked.isAfter(spoiled))) {
      return because(Cause.SERVER);
    }
    Attribution next = spoiled == null ? new Attribution(seen.now, unjudgedSince) : this;
    return next.because(Cause.PAUSE);
  }

  private Verdict because(Cause cause) {
    return new Verdict(this, cause);
  }
}
