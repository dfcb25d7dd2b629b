package dev.understudy.health;

import java.time.Instant;

/** One piece of evidence about a server, ordered by when what it tells of was started. */
public sealed interface Observation {
  /** When the probe, or the connection that failed, was started. */
  Instant started();

  /** For people: {@code "status 503"}, {@code "connection refused"}; at most 200 characters. */
  String detail();

  /**
   * A probe that ended.
   *
   * @param outcome how
   */
  record Probe(Instant started, ProbeOutcome outcome, String detail) implements Observation {}

  /** What live traffic met. It can bring bad news only, and never the last word. */
  record Traffic(Instant started, Trouble trouble, String detail) implements Observation {}

  /** What live traffic can meet. */
  enum Trouble {
    /** A new connection was refused or could not be made: counts once per {@code fast-interval}. */
    CONNECT_FAILED,
    /** A new connection was not accepted in time: counts once per {@code fast-interval}. */
    CONNECT_TIMED_OUT,
    /**
     * A connection broke after a request was sent, or as a tunnel: brings the next probe forward to
     * now.
     */
    BROKEN,
    /** A request waits and the server sent no byte on any connection: suspicion. */
    SILENT
  }
}
