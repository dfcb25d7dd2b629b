package dev.understudy.snapshot;

import java.time.Duration;
import java.time.Instant;
import java.util.concurrent.atomic.AtomicIntegerArray;
import org.jspecify.annotations.Nullable;

/**
 * Number of sessions that sent a request to one server lately, and the time of the last one:
 * written by event loops without a lock, read from any thread.
 *
 * <p>A table of the seconds at which sessions were last seen, indexed by the hash of their ids, is
 * read by linear counting (Whang, Vander-Zanden, Taylor 1990): a few sessions are counted exactly,
 * except for a chance of 1 in 1024 that two share a place. Every sixteenth session goes to a second
 * table, which alone is read when the first is nearly full: about 6 % off, up to some 110,000
 * sessions. Clients choose their ids, so they can raise the count, but never lower it.
 *
 * <p>Takes 8 KB from the first session on.
 */
public final class SessionCount {
  /** Time for which a session counts after its last request. */
  public static final Duration WINDOW = Duration.ofMinutes(5);

  private static final int PLACES = 1024;
  private static final int SAMPLING = 16;

  /** With fewer empty places than this, the first table gives no useful estimate. */
  private static final int FEW_EMPTY = 32;

  private static final int NEVER = 0;

  private volatile @Nullable AtomicIntegerArray lastSeen;

  /**
   * An estimate at one moment.
   *
   * @param recent sessions within {@link #WINDOW}
   * @param last when the last session was seen, to the second; null if none ever was
   */
  public record Seen(int recent, @Nullable Instant last) {}

  /**
   * Records a request of a session.
   *
   * @param hash hash of the session's id
   */
  public void seen(int hash, Instant now) {
    AtomicIntegerArray table = lastSeen;
    if (table == null) {
      table = create();
    }
    int mixed = mix(hash);
    int place = mixed & (PLACES - 1);
    boolean sampled = (mixed / PLACES & (SAMPLING - 1)) == 0;
    int index = sampled ? PLACES + place : place;
    int second = second(now);
    // A write for every request would move the cache line between event loops.
    if (table.getOpaque(index) != second) {
      table.setOpaque(index, second);
    }
  }

  private synchronized AtomicIntegerArray create() {
    AtomicIntegerArray table = lastSeen;
    if (table == null) {
      table = new AtomicIntegerArray(2 * PLACES);
      lastSeen = table;
    }
    return table;
  }

  /** Estimates the sessions as of {@code now}. */
  public Seen read(Instant now) {
    AtomicIntegerArray table = lastSeen;
    if (table == null) {
      return new Seen(0, null);
    }
    int second = second(now);
    int emptyOfMost = PLACES;
    int emptyOfSample = PLACES;
    int newest = Integer.MAX_VALUE;
    for (int i = 0; i < 2 * PLACES; i++) {
      int seen = table.getOpaque(i);
      if (seen == NEVER) {
        continue;
      }
      int ago = Math.max(0, second - seen);
      newest = Math.min(newest, ago);
      if (ago >= WINDOW.toSeconds()) {
        continue;
      }
      if (i < PLACES) {
        emptyOfMost--;
      } else {
        emptyOfSample--;
      }
    }
    double sample = sessions(emptyOfSample);
    double all = emptyOfMost < FEW_EMPTY ? sample * SAMPLING : sessions(emptyOfMost) + sample;
    Instant last =
        newest == Integer.MAX_VALUE ? null : Instant.ofEpochSecond(now.getEpochSecond() - newest);
    return new Seen((int) Math.round(all), last);
  }

  /** The most likely number of sessions that leave this many places empty. */
  private static double sessions(int empty) {
    return PLACES * Math.log((double) PLACES / Math.max(1, empty));
  }

  /** Seconds since 1970 as an int, which wraps every 136 years; never {@link #NEVER}. */
  private static int second(Instant now) {
    int second = (int) now.getEpochSecond();
    return second == NEVER ? 1 : second;
  }

  /** MurmurHash3's finaliser: every bit of the result depends on every bit of the hash. */
  private static int mix(int hash) {
    int mixed = (hash ^ (hash >>> 16)) * 0x85ebca6b;
    mixed = (mixed ^ (mixed >>> 13)) * 0xc2b2ae35;
    return (mixed ^ (mixed >>> 16)) & Integer.MAX_VALUE;
  }
}
