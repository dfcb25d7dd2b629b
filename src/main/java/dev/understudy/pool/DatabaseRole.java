package dev.understudy.pool;

/** Role that a database server must have to be good. */
public enum DatabaseRole {
  /** Any; the default. */
  ANY,
  /** It takes writes. */
  PRIMARY
}
