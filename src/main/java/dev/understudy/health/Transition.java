package dev.understudy.health;

/** Effect of an observation on a server's health. */
public enum Transition {
  UNCHANGED,
  /** Further observations of this kind would change the status. */
  PENDING,
  CHANGED
}
