package dev.understudy.pool;

/**
 * The name of a server, unique within its pool.
 *
 * @param value a DNS label of at most 40 characters
 */
public record ServerId(String value) implements Comparable<ServerId> {
  public ServerId {
    Label.require(value);
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
