package dev.understudy.health;

/** How a probe ended; the label {@code outcome} of {@code understudy_probe_seconds}. */
public enum ProbeOutcome {
  OK(true, true),
  /** The server answered, with another status than expected. */
  BAD_STATUS(false, true),
  /** The server answered, with another body than expected. */
  BAD_BODY(false, true),
  /** The server answered, without the header that was expected. */
  BAD_HEADER(false, true),
  /** What came back is no HTTP. */
  BAD_ANSWER(false, false),
  /** No connection: refused, unreachable. */
  CONNECT_FAILED(false, false),
  /** No end of the response in time; a connection that is not accepted counts as this too. */
  TIMED_OUT(false, false),
  /** The connection broke before the response was whole. */
  BROKEN(false, false),
  /** The TLS handshake failed. */
  TLS_FAILED(false, false),
  /** The name has no address and never had one. */
  UNRESOLVED(false, false);

  private final boolean good;
  private final boolean answered;

  ProbeOutcome(boolean good, boolean answered) {
    this.good = good;
    this.answered = answered;
  }

  public boolean good() {
    return good;
  }

  /** Whether the server did answer with HTTP, however bad. */
  public boolean answered() {
    return answered;
  }
}
