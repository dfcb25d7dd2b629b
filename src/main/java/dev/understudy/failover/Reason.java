package dev.understudy.failover;

/**
 * Reason for a change of a pool's serving server; the label {@code reason} of {@code
 * understudy_switches_total}.
 */
public enum Reason {
  /** There was no record, and a server was usable. */
  INITIAL,
  /** No server was serving, and one became usable. */
  RECOVERED,
  /** Probes found the serving server bad. */
  HEALTH_CHECK_FAILED,
  /** The serving server accepts no connections. */
  CONNECTION_FAILED,
  /** The serving server's circuit breaker opened. */
  CIRCUIT_OPEN,
  /** An operator asked for the change, or the serving server's agent did. */
  OPERATOR,
  /** No server is usable. */
  NO_SERVER,
  /** A server of better rank returned. */
  FAILBACK,
  /** The serving server was removed or changed by a new file. */
  CONFIGURATION;

  /** Whether the server was left although nobody found anything wrong with it. */
  public boolean isVoluntary() {
    return this == OPERATOR || this == FAILBACK;
  }
}
