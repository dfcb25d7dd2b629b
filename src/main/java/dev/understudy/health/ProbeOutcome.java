package dev.understudy.health;

/** Outcome of a probe; the label {@code outcome} of {@code understudy_probe_seconds}. */
public enum ProbeOutcome {
  OK(true, true, false),
  /** The response has another status than expected, or the server says that it is not well. */
  BAD_STATUS(false, true, false),
  /** The database responds that it is not primary. */
  WRONG_ROLE(false, true, false),
  /** The response has another body than expected. */
  BAD_BODY(false, true, false),
  /** The response lacks the expected header, or the value expected in it. */
  BAD_HEADER(false, true, false),
  /** The bytes received are no response in the check's protocol. */
  BAD_ANSWER(false, false, false),
  /** No connection was made: refused, unreachable. */
  CONNECT_FAILED(false, false, true),
  /** The response was not complete in time, or the connection was not accepted in time. */
  TIMED_OUT(false, false, false),
  /** The connection broke before the response was complete. */
  BROKEN(false, false, true),
  /** TLS negotiation failed. */
  TLS_FAILED(false, false, true),
  /** The server's name has no address and never had one. */
  UNRESOLVED(false, false, false),
  /** No observation: this process itself was paused, or did not attend to the probe. */
  VOIDED(false, false, false),
  /** No observation: a resource of this machine is used up, see {@link LocalFailure}. */
  LOCAL_FAILURE(false, false, false);

  private final boolean good;
  private final boolean hasResponse;
  private final boolean disconnected;

  ProbeOutcome(boolean good, boolean hasResponse, boolean disconnected) {
    this.good = good;
    this.hasResponse = hasResponse;
    this.disconnected = disconnected;
  }

  public boolean good() {
    return good;
  }

  /** Whether the probe says something about the server. */
  public boolean isObservation() {
    return this != VOIDED && this != LOCAL_FAILURE;
  }

  /** Whether the server sent a response in the check's protocol, good or bad. */
  public boolean hasResponse() {
    return hasResponse;
  }

  /**
   * Whether the connection was refused or broken off, as when the process is dead: by its kernel,
   * or by a relay that accepts connections for it. Such a failure comes at once, and so does the
   * next.
   */
  public boolean disconnected() {
    return disconnected;
  }
}
