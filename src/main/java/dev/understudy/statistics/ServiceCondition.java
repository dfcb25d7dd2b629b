package dev.understudy.statistics;

/** How well a pool is served. */
public enum ServiceCondition {
  /** The servers of best rank serve, and all servers are UP, ready and checked in time. */
  WELL,
  /** Requests are served, but something is not as configured: see {@link Diagnosis}. */
  DEGRADED,
  /** No server gets requests; they wait for {@code hold.time} and then get 503. */
  NOBODY
}
