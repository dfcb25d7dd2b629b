package dev.understudy.health;

/**
 * What a database that claims to be primary shows of the history of its data, as far as a check can
 * see it. Two histories need not be comparable.
 */
public sealed interface DataHistory {
  /**
   * Whether {@code other} went on from this history, so that this one lacks what was written since.
   */
  boolean isBehind(DataHistory other);

  /** Whether the data of {@code other} is missing here, and was not removed on purpose. */
  boolean hasLost(DataHistory other);

  /** PostgreSQL's timeline: each promotion begins the next one. */
  record Timeline(long number) implements DataHistory {
    @Override
    public boolean isBehind(DataHistory other) {
      return other instanceof Timeline that && number < that.number;
    }

    @Override
    public boolean hasLost(DataHistory other) {
      return isBehind(other);
    }

    @Override
    public String toString() {
      return "timeline " + number;
    }
  }

  /**
   * Redis' replication ID: each start as a master and each promotion begins another one.
   *
   * @param before the replication ID of the master that it was promoted from
   * @param empty whether it has no key
   */
  record Replication(String id, String before, boolean empty) implements DataHistory {
    @Override
    public boolean isBehind(DataHistory other) {
      return other instanceof Replication that && !id.equals(that.id) && id.equals(that.before);
    }

    @Override
    public boolean hasLost(DataHistory other) {
      return other instanceof Replication that
          && empty
          && !that.empty
          && !id.equals(that.id)
          && !before.equals(that.id);
    }

    @Override
    public String toString() {
      return empty ? "no key" : "replication ID " + id;
    }
  }
}
