package dev.understudy.failover;

import dev.understudy.pool.Check;
import dev.understudy.pool.DatabaseRole;
import dev.understudy.pool.MysqlCheck;
import dev.understudy.pool.PostgresqlCheck;
import dev.understudy.pool.PromotionSettings;
import dev.understudy.pool.RedisCheck;
import dev.understudy.pool.ServerId;
import dev.understudy.text.UtcTime;
import java.time.Duration;
import java.time.Instant;
import java.util.Locale;
import java.util.OptionalLong;
import org.jspecify.annotations.Nullable;

/**
 * How far the data of one server is behind that of the server that has the role, or had it last: at
 * its own newest check against the newest check of the other that was good before. All times are by
 * this replica's own clock that never steps; no clock of a server has part in it.
 *
 * @param primary the server that it is behind
 * @param amount what it lacks; empty if the two cannot be compared, as when each has data that the
 *     other has not
 * @param asOf when the primary was asked last
 * @param level the last time of which all that the primary had then is here; if there is none, when
 *     the primary was first asked
 */
public record Lag(ServerId primary, Unit unit, OptionalLong amount, Instant asOf, Instant level) {
  /** What data is counted in. */
  public enum Unit {
    BYTES,
    TRANSACTIONS
  }

  private static final String[] SIZES = {"B", "KB", "MB", "GB", "TB", "PB", "EB"};

  /** What a check counts data in; null if it does not see how far that has come. */
  public static @Nullable Unit unit(Check check) {
    return switch (check) {
      case PostgresqlCheck database when database.role() == DatabaseRole.PRIMARY -> Unit.BYTES;
      case RedisCheck database when database.role() == DatabaseRole.PRIMARY -> Unit.BYTES;
      case MysqlCheck database when database.role() != DatabaseRole.ANY -> Unit.TRANSACTIONS;
      default -> null;
    };
  }

  /** Whether it lacks anything, as far as is known. */
  public boolean isBehind() {
    return amount.isEmpty() || amount.getAsLong() > 0;
  }

  /** What it lacks, counted in that; null if it is counted in another unit, or not known. */
  public @Nullable Long lacks(Unit counted) {
    return unit == counted && amount.isPresent() ? amount.getAsLong() : null;
  }

  /**
   * The time of the primary's writes that it lacks; zero if it lacks none, however long nothing was
   * written.
   */
  public Duration time() {
    return isBehind() && level.isBefore(asOf) ? Duration.between(level, asOf) : Duration.ZERO;
  }

  /** Whether it is too far behind to be promoted without an operator's word. */
  public boolean exceeds(PromotionSettings bound) {
    if (bound.anyLag() || !isBehind()) {
      return false;
    }
    boolean size = unit == Unit.BYTES && amount.isPresent() && amount.getAsLong() > bound.maxLag();
    return size || time().compareTo(bound.maxLagTime()) > 0;
  }

  /**
   * The lag without its time: {@code 17.3 MB behind server db-1}, {@code level with server db-1},
   * or {@code at other data than server db-1}.
   */
  public String amountInWords() {
    if (!isBehind()) {
      return "level with " + primary.words();
    }
    if (amount.isEmpty()) {
      return "at other data than " + primary.words();
    }
    long lacks = amount.getAsLong();
    String what =
        unit == Unit.BYTES ? size(lacks) : lacks + (lacks == 1 ? " transaction" : " transactions");
    return what + " behind " + primary.words();
  }

  /**
   * The lag for people, such as {@code 17.3 MB behind server db-1 as of 14:02:11 UTC, since
   * 14:01:40 UTC}.
   *
   * @param ahead by how much the clock on the wall is ahead of this replica's
   */
  public String words(Duration ahead) {
    String since = isBehind() ? ", since " + UtcTime.clock(level.plus(ahead)) : "";
    return amountInWords() + " as of " + UtcTime.clock(asOf.plus(ahead)) + since;
  }

  /** A number of bytes for people: {@code 16 MB}, {@code 17.3 MB}. */
  public static String size(long bytes) {
    double value = bytes;
    int unit = 0;
    while (value >= 1024 && unit < SIZES.length - 1) {
      value /= 1024;
      unit++;
    }
    String number = String.format(Locale.ROOT, unit == 0 ? "%.0f" : "%.1f", value);
    return (number.endsWith(".0") ? number.substring(0, number.length() - 2) : number)
        + " "
        + SIZES[unit];
  }
}
