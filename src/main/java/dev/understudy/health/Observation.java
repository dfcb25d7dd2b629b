package dev.understudy.health;

import java.time.Instant;
import org.jspecify.annotations.Nullable;

/** One piece of evidence about a server, ordered by the start of what it reports. */
public sealed interface Observation {
  /** Start of the probe, or of the connection that failed. */
  Instant started();

  /** For people: {@code "status 503"}, {@code "connection refused"}; at most 200 characters. */
  String detail();

  /**
   * A probe that ended.
   *
   * @param started identifies it among the probes of its server
   * @param asked when it went on its way to the server: what it found holds as of then
   * @param history of a primary's data, in the form in which it is kept; null if the probe did not
   *     see it
   * @param position how far the data has come, in the form in which a check hands it on; null if
   *     the probe did not see it
   * @param lacked what this machine lacked for the probe; null if nothing
   */
  record Probe(
      Instant started,
      Instant asked,
      ProbeOutcome outcome,
      String detail,
      @Nullable String history,
      @Nullable String position,
      @Nullable LocalFailure lacked)
      implements Observation {
    /** Creates the observation of a probe that went on its way at once, and saw no history. */
    public Probe(Instant started, ProbeOutcome outcome, String detail) {
      this(started, started, outcome, detail, null, null, null);
    }

    /** Creates the observation of a probe that went on its way at once, and saw no position. */
    public Probe(
        Instant started,
        ProbeOutcome outcome,
        String detail,
        @Nullable String history,
        @Nullable LocalFailure lacked) {
      this(started, started, outcome, detail, history, null, lacked);
    }

    /** The same probe, but it does not count. */
    public Probe voided() {
      return with(ProbeOutcome.VOIDED, detail);
    }

    /** The same probe with another verdict. */
    public Probe with(ProbeOutcome other, String why) {
      return new Probe(started, asked, other, why, null, null, null);
    }
  }

  /** Trouble of live traffic. It can only speak against a server, and never makes it DOWN alone. */
  record Traffic(Instant started, Trouble trouble, String detail) implements Observation {}

  /** An agent's word on whether the server is bad; it holds until the agent says otherwise. */
  record Agent(Instant started, boolean up, String detail) implements Observation {}

  /** Kinds of trouble that live traffic can have. */
  enum Trouble {
    /** A new connection was refused or could not be made: counts once per {@code fast-interval}. */
    CONNECT_FAILED,
    /** A new connection was not accepted in time: counts once per {@code fast-interval}. */
    CONNECT_TIMED_OUT,
    /**
     * There was no local port or address for a new connection: CONNECT_FAILED if other servers are
     * reached, else it only brings the next probe forward.
     */
    NO_PORT,
    /**
     * A connection broke after a request was sent, or while it was a tunnel: brings the next probe
     * forward.
     */
    BROKEN,
    /** A request waits and the server sent no byte on any connection: makes it suspected. */
    SILENT
  }
}
