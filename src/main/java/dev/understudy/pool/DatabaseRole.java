package dev.understudy.pool;

/** Role that a database server must have to be good. */
public enum DatabaseRole {
  /** Any; the default. */
  ANY,
  /** The server takes writes. */
  PRIMARY,
  /** A node of Galera that takes writes and has those of the others. For MySQL and MariaDB only. */
  SYNCED,
  /** The same, or one that may lag, as it gives another node its data or was desynchronized. */
  SYNCED_OR_DONOR;

  /** Whether it is a state of Galera. */
  public boolean isOfGalera() {
    return this == SYNCED || this == SYNCED_OR_DONOR;
  }
}
