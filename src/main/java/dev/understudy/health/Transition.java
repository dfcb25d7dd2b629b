package dev.understudy.health;

/** What an observation did to a server's health. */
public enum Transition {
  UNCHANGED,
  /** The next observations of this kind will change it. */
  PENDING,
  CHANGED
}
