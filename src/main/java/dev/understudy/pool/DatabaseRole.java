package dev.understudy.pool;

/** Role that a database server must have to be good. */
public enum DatabaseRole {
  /** Any; the default. */
  ANY,
  /** The server takes writes. */
  PRIMARY
}
