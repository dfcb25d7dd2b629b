package dev.understudy.admin;

/** Who may read: the setting {@code understudy.admin.reads}. */
enum ReadAccess {
  /** Whoever reaches the port. */
  OPEN,
  /** Whoever has a token of any role. */
  TOKEN
}
