package dev.understudy.pool;

/** How a pool distributes requests over its servers. */
public enum PoolMode {
  /** One server at a time gets all traffic; the default. */
  FAILOVER,
  /** Round-robin over all usable masters; over the backups when no master is usable. */
  BALANCE
}
