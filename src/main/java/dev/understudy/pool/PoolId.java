package dev.understudy.pool;

/**
 * The name of a pool.
 *
 * @param value a DNS label of at most 40 characters
 */
public record PoolId(String value) implements Comparable<PoolId> {
  public PoolId {
    Label.require(value);
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
