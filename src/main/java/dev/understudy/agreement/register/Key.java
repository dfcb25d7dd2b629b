package dev.understudy.agreement.register;

/**
 * The name of an entry within one installation.
 *
 * @param name the pool's or the replica's: lower-case letters, digits, {@code -} and {@code .}
 */
public record Key(Kind kind, String name) {
  /** What an entry is about. */
  public enum Kind {
    /** One replica, which alone writes it. */
    VOTER,
    /** One pool, which any replica may write. */
    POOL
  }

  public static Key voter(String replica) {
    return new Key(Kind.VOTER, replica);
  }

  public static Key pool(String pool) {
    return new Key(Kind.POOL, pool);
  }
}
