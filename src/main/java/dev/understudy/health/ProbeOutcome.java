package dev.understudy.health;

/** Outcome of a probe; the label {@code outcome} of {@code understudy_probe_seconds}. */
public enum ProbeOutcome {
  OK(true, true),
  /** The response has another status than expected, or the server says that it is not well. */
  BAD_STATUS(false, true),
  /** The response has another body than expected. */
  BAD_BODY(false, true),
  /** The response lacks the expected header, or the value expected in it. */
  BAD_HEADER(false, true),
  /** The bytes received are no response in the check's protocol. */
  BAD_ANSWER(false, false),
  /** No connection was made: refused, unreachable. */
  CONNECT_FAILED(false, false),
  /** The response was not complete in time, or the connection was not accepted in time. */
  TIMED_OUT(false, false),
  /** The connection broke before the response was complete. */
  BROKEN(false, false),
  /** TLS negotiation failed. */
  TLS_FAILED(false, false),
  /** The server's name has no address and never had one. */
  UNRESOLVED(false, false),
  /** No observation: this process itself was paused, or did not attend to the probe. */
  VOIDED(false, false);

  private final boolean good;
  private final boolean hasResponse;

  ProbeOutcome(boolean good, boolean hasResponse) {
    this.good = good;
    this.hasResponse = hasResponse;
  }

  public boolean good() {
    return good;
  }

  /** Whether the server sent a response in the check's protocol, good or bad. */
  public boolean hasResponse() {
    return hasResponse;
  }
}
