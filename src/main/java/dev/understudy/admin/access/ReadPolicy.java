package dev.understudy.admin.access;

/** Who may read: the setting {@code understudy.admin.reads}. */
public enum ReadPolicy {
  /** Whoever reaches the port. */
  OPEN,
  /** Whoever has a token of any role. */
  TOKEN
}
