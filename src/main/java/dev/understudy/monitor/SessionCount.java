package dev.understudy.monitor;

import java.time.Duration;
import java.time.Instant;
import java.util.concurrent.atomic.AtomicIntegerArray;
import org.jspecify.annotations.Nullable;

/**
 * How many sessions sent a request to one server lately, and when the last one did: written by
 * event loops without a lock, read by anyone.
 *
 * <p>A table of the seconds at which sessions were last seen, by the hash of their ids, is read as
 * by linear counting (Whang, Vander-Zanden, Taylor 1990): a few sessions are counted exactly but
 * for a chance of 1 in 1024 that two fall on one place. Every sixteenth session has a table of its
 * own, which alone is read when the other is nearly full: about 6 % off, up to some 110,000
 * sessions. Clients choose their ids, so they can make it show more, and never less.
 *
 * <p>8 KB from the first session on.
 */
public final class SessionCount {
  /** How long a session counts after its last request. */
  public static final Duration WINDOW = Duration.ofMinutes(5);

  private static final int PLACES = 1024;
  private static final int SAMPLING = 16;

  /** With fewer places empty than these, how many sessions share the others is a guess. */
  private static final int FEW_EMPTY = 32;

  private static final int NEVER = 0;

  private volatile @Nullable AtomicIntegerArray lastSeen;

  /**
   * What was seen.
   *
   * @param recent sessions within {@link #WINDOW}
   * @param last when the last one was seen, to the second; null: none ever was
   */
  public record Seen(int recent, @Nullable Instant last) {}

  /**
   * A request of a session was sent to the server.
   *
   * @param hash of the session's id
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
    // Loops would take the cache line from each other with every request.
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

  /** What was seen until now. */
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

  /** The likeliest number of sessions that leave so many places empty. */
  private static double sessions(int empty) {
    return PLACES * Math.log((double) PLACES / Math.max(1, empty));
  }

  /** Wraps every 136 years; never {@link #NEVER}. */
  private static int second(Instant now) {
    int second = (int) now.getEpochSecond();
    return second == NEVER ? 1 : second;
  }

  /** MurmurHash3's finaliser: every bit depends on all. */
  private static int mix(int hash) {
    int mixed = (hash ^ (hash >>> 16)) * 0x85ebca6b;
    mixed = (mixed ^ (mixed >>> 13)) * 0xc2b2ae35;
    return (mixed ^ (mixed >>> 16)) & Integer.MAX_VALUE;
  }
}
