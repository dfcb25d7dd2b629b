package dev.understudy.health;

/** Outcome of a probe; the label {@code outcome} of {@code understudy_probe_seconds}. */
public enum ProbeOutcome {
  OK(true, true, false, "good"),
  /** The response has another status than expected, or the server says that it is not well. */
  BAD_STATUS(false, true, false, "not well"),
  /** The database responds that it is not primary. */
  WRONG_ROLE(false, true, false, "wrong role"),
  /** The response has another body than expected. */
  BAD_BODY(false, true, false, "unexpected body"),
  /** The response lacks the expected header, or the value expected in it. */
  BAD_HEADER(false, true, false, "unexpected header"),
  /** The bytes received are no response in the check's protocol. */
  BAD_RESPONSE(false, false, false, "no valid response"),
  /** No connection was made: refused. */
  CONNECT_FAILED(false, false, true, "no connection"),
  /**
   * No connection was made: the network knows no way to the server's machine, or no local address
   * for it while others are reached.
   */
  UNREACHABLE(false, false, true, "no connection"),
  /** The response was not complete in time, or the connection was not accepted in time. */
  TIMED_OUT(false, false, false, "no response in time"),
  /** The connection broke before the response was complete. */
  BROKEN(false, false, true, "connection broken"),
  /** TLS negotiation failed. */
  TLS_FAILED(false, false, true, "no TLS connection"),
  /** The server's name has no address and never had one. */
  UNRESOLVED(false, false, false, "no address"),
  /** No observation: this process itself was paused, or did not attend to the probe. */
  VOIDED(false, false, false, "not counted"),
  /** No observation: a resource of this machine is used up, see {@link LocalFailure}. */
  LOCAL_FAILURE(false, false, false, "not counted");

  private final boolean good;
  private final boolean hasResponse;
  private final boolean disconnected;
  private final String words;

  ProbeOutcome(boolean good, boolean hasResponse, boolean disconnected, String words) {
    this.good = good;
    this.hasResponse = hasResponse;
    this.disconnected = disconnected;
    this.words = words;
  }

  /** The outcome for people; the name is for programs. */
  public String words() {
    return words;
  }

  /** The outcome for people, with what the probe saw. */
  public String words(String detail) {
    return detail.startsWith(words) ? detail : detail.isEmpty() ? words : words + ": " + detail;
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
   * Whether nothing of the server's machine was heard: it may be frozen, or cut off, with all
   * connections that were made before. Any other bad probe says nothing of those.
   */
  public boolean silent() {
    return this == TIMED_OUT || this == UNREACHABLE;
  }

  /** Whether a connection was made, to whatever response. */
  public boolean connected() {
    return hasResponse || this == BAD_RESPONSE || this == BROKEN || this == TLS_FAILED;
  }

  /** Whether no connection was made, as nothing listens or no way leads there. */
  public boolean unconnected() {
    return this == CONNECT_FAILED || this == UNREACHABLE;
  }

  /**
   * Whether the connection was refused or broken off, as when the process is dead: by its kernel,
   * or by a relay that accepts connections for it. Such a failure is seen at once, without a
   * time-out, and so is that of the next probe.
   */
  public boolean disconnected() {
    return disconnected;
  }
}
