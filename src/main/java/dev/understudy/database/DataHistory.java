package dev.understudy.database;

import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

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

  /** Whether {@code other} is this very history, whatever was written or removed meanwhile. */
  boolean isSame(DataHistory other);

  /** Whether this is {@code other} without its data: of a history that is the same. */
  boolean isEmptiedCopyOf(DataHistory other);

  /** The form in which it is kept beyond a restart; see {@link #ofStored}. */
  String stored();

  /** Reads {@link #stored}; null if there is none, or it cannot be one. */
  static @Nullable DataHistory ofStored(@Nullable String text) {
    Matcher timeline = Timeline.STORED.matcher(text == null ? "" : text);
    if (timeline.matches()) {
      return new Timeline(Long.parseLong(timeline.group(1)));
    }
    Matcher redis = Replication.STORED.matcher(text == null ? "" : text);
    return redis.matches()
        ? new Replication(redis.group(1), redis.group(2), redis.group(3) != null)
        : null;
  }

  /** PostgreSQL's timeline: each promotion begins the next one. */
  record Timeline(long number) implements DataHistory {
    private static final Pattern STORED = Pattern.compile("timeline (\\d{1,18})");

    @Override
    public boolean isBehind(DataHistory other) {
      return other instanceof Timeline that && number < that.number;
    }

    @Override
    public boolean hasLost(DataHistory other) {
      return isBehind(other);
    }

    @Override
    public boolean isSame(DataHistory other) {
      return equals(other);
    }

    @Override
    public boolean isEmptiedCopyOf(DataHistory other) {
      return false;
    }

    @Override
    public String stored() {
      return toString();
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
    /** Redis' own IDs have 40 digits. */
    private static final Pattern STORED =
        Pattern.compile("replication (\\w{1,64}) before:(\\w{0,64})( empty)?");

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
    public boolean isSame(DataHistory other) {
      return other instanceof Replication that && id.equals(that.id);
    }

    @Override
    public boolean isEmptiedCopyOf(DataHistory other) {
      return other instanceof Replication that && empty && !that.empty;
    }

    @Override
    public String stored() {
      return "replication " + id + " before:" + before + (empty ? " empty" : "");
    }

    @Override
    public String toString() {
      return empty ? "no key" : "replication ID " + id;
    }
  }
}
