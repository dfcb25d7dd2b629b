package dev.understudy.agreement.register;

import java.util.Locale;

/**
 * Name of an entry within one installation.
 *
 * @param name name of the pool or the replica: lower-case letters, digits, {@code -} and {@code .}
 */
public record RegisterKey(Kind kind, String name) {
  /** Subject of an entry. */
  public enum Kind {
    /** One replica, the only one that writes the entry. */
    VOTER,
    /** One pool, whose entry any replica may write. */
    POOL;

    /** The word for it in a store. */
    public String word() {
      return name().toLowerCase(Locale.ROOT);
    }
  }

  public static RegisterKey voter(String replica) {
    return new RegisterKey(Kind.VOTER, replica);
  }

  public static RegisterKey pool(String pool) {
    return new RegisterKey(Kind.POOL, pool);
  }
}
