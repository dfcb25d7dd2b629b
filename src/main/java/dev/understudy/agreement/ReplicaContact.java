package dev.understudy.agreement;

/**
 * Whether this replica is in touch with the others. Live: evaluated at each use, on any thread, so
 * that a process that was stopped for a while finds out at once, before any of its timers has run.
 *
 * <p>Once the monitor's thread has found it lost, it never holds again; the next one is another
 * object. So what was published before the loss is not trusted again after it.
 */
public interface ReplicaContact {
  /** The contact of a replica that decides alone. */
  ReplicaContact ALWAYS = () -> true;

  /** That of one that is out of touch. */
  ReplicaContact LOST = () -> false;

  /** Whether this replica is in touch now. */
  boolean holds();
}
