package dev.understudy.pool;

import org.jspecify.annotations.Nullable;

/**
 * The name of a pool.
 *
 * @param value a DNS label of at most 40 characters; a {@link ClusterName} of a pool that objects
 *     of a cluster make
 */
public record PoolId(String value) implements Comparable<PoolId> {
  public PoolId {
    if (!isValid(value)) {
      DnsLabel.require(value);
    }
  }

  /** Whether {@code text} can name a pool. */
  public static boolean isValid(String text) {
    return DnsLabel.isValid(text) || ClusterName.isValid(text);
  }

  /** Faster than the record's own, which matters as each request calls it. */
  @Override
  public int hashCode() {
    return value.hashCode();
  }

  /** Faster than the record's own, which matters as each request calls it. */
  @Override
  public boolean equals(@Nullable Object other) {
    return other == this || (other instanceof PoolId id && value.equals(id.value));
  }

  @Override
  public int compareTo(PoolId other) {
    return value.compareTo(other.value);
  }

  @Override
  public String toString() {
    return value;
  }
}
