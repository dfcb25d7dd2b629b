package dev.understudy.health;

/** A server's health. */
public enum Status {
  /** Before the first probe was answered or timed out. */
  UNKNOWN,
  UP,
  DOWN
}
