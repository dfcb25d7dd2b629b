package dev.understudy.agreement.register;

/**
 * Name of an entry within one installation.
 *
 * @param name name of the pool or the replica: lower-case letters, digits, {@code -} and {@code .}
 */
public record Key(Kind kind, String name) {
  /** Subject of an entry. */
  public enum Kind {
    /** One replica, the only one that writes the entry. */
    VOTER,
    /** One pool, whose entry any replica may write. */
    POOL
  }

  public static Key voter(String replica) {
    return new Key(Kind.VOTER, replica);
  }

  public static Key pool(String pool) {
    return new Key(Kind.POOL, pool);
  }
}
