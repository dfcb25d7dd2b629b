package dev.understudy.admin;

/** What a token allows. */
enum Role {
  /** Reading, which needs a token only with {@code understudy.admin.reads: token}. */
  VIEW,
  /** Reading and changing. */
  OPERATE
}
