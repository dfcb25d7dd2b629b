package dev.understudy.health;

/** A server's health. */
public enum HealthStatus {
  /** Before the first probe has ended. */
  UNKNOWN,
  UP,
  DOWN
}
