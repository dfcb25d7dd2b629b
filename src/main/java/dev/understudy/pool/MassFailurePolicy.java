package dev.understudy.pool;

/** What becomes of servers while most of them failed within seconds. */
public enum MassFailurePolicy {
  /** Servers that failed then stay in use, if none of their host responds. */
  KEEP,
  /** Roles leave servers that failed, as at any other time. */
  FOLLOW
}
