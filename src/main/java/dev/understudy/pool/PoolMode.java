package dev.understudy.pool;

/** How a pool distributes requests over its servers. */
public enum PoolMode {
  /** One server at a time gets all traffic; the default. */
  FAILOVER,
  /** All usable masters share the traffic by {@code balance}; the backups do while none is. */
  BALANCE
}
