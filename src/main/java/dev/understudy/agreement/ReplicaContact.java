package dev.understudy.agreement;

/**
 * Whether this replica is in touch with the others. Live: evaluated at each use, on any thread, so
 * that a process that was stopped for a while finds out at once, before any of its timers has run.
 */
public interface ReplicaContact {
  /** The contact of a replica that decides alone. */
  ReplicaContact ALWAYS = () -> true;

  /** Whether this replica is in touch now. */
  boolean holds();
}
