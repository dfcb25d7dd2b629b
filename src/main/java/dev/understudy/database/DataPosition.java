package dev.understudy.database;

import dev.understudy.failover.Lag.Unit;
import java.util.OptionalLong;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/**
 * How far a database's data has come, as one check saw it. What servers say of it is bounded and
 * read strictly: all else is not known, and no error.
 */
public sealed interface DataPosition permits DataPosition.Wal, DataPosition.Offset, GtidSet {
  /** Longest text of a position, in characters; of GTIDs, more are not asked for. */
  int MAX_TEXT = 4096;

  /** What it counts. */
  Unit unit();

  /**
   * What of the other is missing here: 0 for nothing, whatever is here besides; empty if the two
   * cannot be compared.
   */
  OptionalLong lacks(DataPosition other);

  /** The form in which a probe hands it on; see {@link #ofStored}. */
  String stored();

  /** Reads {@link #stored}; null if there is none, or it cannot be one. */
  static @Nullable DataPosition ofStored(@Nullable String text) {
    if (text == null || text.length() > MAX_TEXT + 16) {
      return null;
    }
    Matcher wal = Wal.STORED.matcher(text);
    if (wal.matches()) {
      Long received = Wal.number(wal.group(1));
      Long replayed = Wal.number(wal.group(2));
      return received == null ? null : new Wal(received, replayed == null ? received : replayed);
    }
    Matcher offset = Offset.STORED.matcher(text);
    if (offset.matches()) {
      return new Offset(offset.group(1), Long.parseLong(offset.group(2)));
    }
    return GtidSet.ofStored(text);
  }

  /**
   * PostgreSQL's position in its write-ahead log, in bytes (PostgreSQL 15, chapter 9.27): a
   * primary's is what it has written, a standby's what it has received, or replayed from an
   * archive.
   *
   * @param replayed what queries at a standby see; of a primary the same as {@code received}
   */
  record Wal(long received, long replayed) implements DataPosition {
    /** Below 2^63, which a server would take centuries to write. */
    private static final Pattern HALVES =
        Pattern.compile("(0|[1-9A-F][0-9A-F]{0,6})/([0-9A-F]{1,8})");

    private static final Pattern STORED = Pattern.compile("wal (\\S+)(?: (\\S+))?");

    /**
     * The stored form of what a server says.
     *
     * @param first of a primary what it has written, of a standby what it has received, which may
     *     be null
     * @param second what a standby has replayed; null for a primary
     * @return null if it says no position
     */
    public static @Nullable String stored(@Nullable String first, @Nullable String second) {
      Long received = first == null ? null : number(first);
      Long replayed = second == null ? null : number(second);
      if (received == null && replayed == null) {
        return null;
      }
      long has = Math.max(received == null ? 0 : received, replayed == null ? 0 : replayed);
      return new Wal(has, replayed == null ? has : replayed).stored();
    }

    /** {@code 16/B374D848} as a number; null if it is none. */
    private static @Nullable Long number(@Nullable String text) {
      Matcher halves = HALVES.matcher(text == null ? "" : text);
      return halves.matches()
          ? Long.parseLong(halves.group(1), 16) << 32 | Long.parseLong(halves.group(2), 16)
          : null;
    }

    @Override
    public Unit unit() {
      return Unit.BYTES;
    }

    @Override
    public OptionalLong lacks(DataPosition other) {
      return other instanceof Wal that
          ? OptionalLong.of(Math.max(0, that.received - received))
          : OptionalLong.empty();
    }

    @Override
    public String stored() {
      return "wal " + text(received) + (replayed == received ? "" : " " + text(replayed));
    }

    private static String text(long position) {
      return "%X/%X".formatted(position >>> 32, position & 0xffff_ffffL);
    }

    @Override
    public String toString() {
      return replayed == received
          ? text(received)
          : text(received) + ", replayed " + text(replayed);
    }
  }

  /**
   * Redis' replication offset: bytes of the stream of one master.
   *
   * @param id the replication ID, without which offsets mean nothing
   */
  record Offset(String id, long bytes) implements DataPosition {
    private static final Pattern STORED = Pattern.compile("offset (\\w{1,64}) (\\d{1,18})");

    /** The stored form of what a server says; null if it says no position. */
    public static @Nullable String stored(String id, String offset) {
      String stored = "offset " + id + " " + offset;
      return STORED.matcher(stored).matches() ? stored : null;
    }

    @Override
    public Unit unit() {
      return Unit.BYTES;
    }

    @Override
    public OptionalLong lacks(DataPosition other) {
      return other instanceof Offset that && id.equals(that.id)
          ? OptionalLong.of(Math.max(0, that.bytes - bytes))
          : OptionalLong.empty();
    }

    @Override
    public String stored() {
      return "offset " + id + " " + bytes;
    }

    @Override
    public String toString() {
      return "offset " + bytes;
    }
  }
}
