package dev.understudy.admin.access;

/** What a token allows. */
public enum Role {
  /** Reading, which needs a token only with {@code understudy.admin.reads: token}. */
  VIEW,
  /** Reading and changing. */
  OPERATE
}
