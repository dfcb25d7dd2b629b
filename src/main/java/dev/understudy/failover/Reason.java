package dev.understudy.failover;

/**
 * Why a pool's serving server changed; the label {@code reason} of {@code
 * understudy_switches_total}.
 */
public enum Reason {
  /** There was no record, and some server was usable. */
  INITIAL,
  /** Nobody was serving, and some server became usable. */
  RECOVERED,
  /** Probes found the serving server bad. */
  HEALTH_CHECK_FAILED,
  /** The serving server accepts no connections. */
  CONNECTION_FAILED,
  /** The serving server's circuit breaker opened. */
  CIRCUIT_OPEN,
  /** An operator asked for it. */
  OPERATOR,
  /** Nobody is usable. */
  NO_SERVER,
  /** A server of better rank returned. */
  FAILBACK,
  /** The serving server was removed or changed by a new file. */
  CONFIGURATION
}
