package dev.understudy.pool;

import org.jspecify.annotations.Nullable;

/**
 * The name of a server, unique within its pool.
 *
 * @param value a DNS label of at most 40 characters
 */
public record ServerId(String value) implements Comparable<ServerId> {
  public ServerId {
    DnsLabel.require(value);
  }

  /** The name, or null for null. */
  public static @Nullable String text(@Nullable ServerId id) {
    return id == null ? null : id.value;
  }

  /** The server of that name, or null for null. */
  public static @Nullable ServerId ofText(@Nullable String name) {
    return name == null ? null : new ServerId(name);
  }

  /**
   * The name in a sentence, where it alone may read as a number or a word: {@code server app-1}.
   */
  public String words() {
    return "server " + value;
  }

  /** Faster than the record's own, which matters as each request calls it. */
  @Override
  public int hashCode() {
    return value.hashCode();
  }

  /** Faster than the record's own, which matters as each request calls it. */
  @Override
  public boolean equals(@Nullable Object other) {
    return other == this || (other instanceof ServerId id && value.equals(id.value));
  }

  @Override
  public int compareTo(ServerId other) {
    return value.compareTo(other.value);
  }

  @Override
  public String toString() {
    return value;
  }
}
