package dev.understudy.agreement;

/**
 * Whether this replica is in touch with the others; live, to be asked at each use, on any thread: a
 * process that was stopped for a while finds out at once, before any timer of its own has run.
 */
public interface Contact {
  /** Of a replica that decides alone. */
  Contact ALWAYS = () -> true;

  /** Whether it is in touch now. */
  boolean holds();
}
