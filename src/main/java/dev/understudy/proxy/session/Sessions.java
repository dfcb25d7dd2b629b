package dev.understudy.proxy.session;

import dev.understudy.network.IpAddress;
import dev.understudy.pool.ServerId;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Iterator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ThreadLocalRandom;
import java.util.stream.IntStream;
import org.jspecify.annotations.Nullable;

/**
 * The sessions of one pool on this replica, by a hash of what shows them: a bounded table that
 * forgets a session some time after its last use. Thread-safe; a lookup holds the lock of one of
 * {@value #STRIPES} stripes for a few steps.
 *
 * <p>A full table forgets the session that was not used for longest. Those that clients alone have
 * named leave first while they are more than an eighth of the table: values that clients invent
 * must not push out the sessions of others.
 *
 * <p>Hashes have 64 bits and a random seed of this table, so that a client cannot aim at the hash
 * of another's session. An entry takes about 100 bytes.
 */
public final class Sessions {
  private static final int STRIPES = 16;
  private static final long GOLDEN = 0x9e3779b97f4a7c15L;

  private final long seed;
  private final long expireNanos;
  private final Stripe[] stripes;

  /**
   * Creates an empty table.
   *
   * @param entries the most sessions to keep, rounded up to a multiple of {@value #STRIPES}
   * @param expire the time after its last use at which a session is forgotten
   */
  public Sessions(int entries, Duration expire) {
    this(entries, expire, ThreadLocalRandom.current().nextLong());
  }

  /**
   * Creates an empty table.
   *
   * @param seed of the hashes, known to nobody outside
   */
  Sessions(int entries, Duration expire, long seed) {
    this.seed = seed;
    this.expireNanos = expire.toNanos();
    int each = (entries + STRIPES - 1) / STRIPES;
    this.stripes =
        IntStream.range(0, STRIPES).mapToObj(stripe -> new Stripe(each)).toArray(Stripe[]::new);
  }

  /** The hash of a text from {@code from} to {@code to}, such as a cookie's value. */
  public long hash(CharSequence text, int from, int to) {
    long hash = seed ^ (to - from);
    for (int i = from; i < to; i++) {
      hash = (Long.rotateLeft(hash, 23) ^ text.charAt(i)) * GOLDEN;
    }
    return mix(hash);
  }

  /** The hash of an address. */
  public long hash(IpAddress address) {
    if (address.isV4()) {
      return mix((address.hashCode() + GOLDEN) ^ seed);
    }
    long hash = ~seed;
    for (byte each : address.inet().getAddress()) {
      hash = (Long.rotateLeft(hash, 23) ^ each) * GOLDEN;
    }
    return mix(hash);
  }

  /** SplitMix64's finaliser. */
  public static long mix(long value) {
    long mixed = (value ^ (value >>> 30)) * 0xbf58476d1ce4e5b9L;
    mixed = (mixed ^ (mixed >>> 27)) * 0x94d049bb133111ebL;
    return mixed ^ (mixed >>> 31);
  }

  /** The session of this hash, which counts as used now; null if no server is known for it. */
  public SessionStore.@Nullable Session session(long hash) {
    ServerId server = find(hash, System.nanoTime());
    return server == null ? null : new SessionStore.Session(server, (int) hash);
  }

  /**
   * The server of a session, which counts as used now; null if the session is not known.
   *
   * @param nowNanos by {@link System#nanoTime}
   */
  @Nullable ServerId find(long hash, long nowNanos) {
    return stripe(hash).find(hash, nowNanos, expireNanos);
  }

  /**
   * Keeps a session on a server, where it was before or not.
   *
   * @param nowNanos by {@link System#nanoTime}
   */
  public void keep(long hash, ServerId server, long nowNanos) {
    stripe(hash).keep(hash, server, nowNanos, expireNanos, false);
  }

  /**
   * Keeps a session that only a client has named so far, as {@link #keep} does with less claim to a
   * place in the table.
   *
   * @param nowNanos by {@link System#nanoTime}
   */
  public void keepClaimed(long hash, ServerId server, long nowNanos) {
    stripe(hash).keep(hash, server, nowNanos, expireNanos, true);
  }

  /** Sessions that are kept, those included that are to be forgotten at their next use. */
  public int size() {
    int size = 0;
    for (Stripe stripe : stripes) {
      size += stripe.count();
    }
    return size;
  }

  long seed() {
    return seed;
  }

  /**
   * One session, as another process has it.
   *
   * @param ageNanos since its last use, 0 or more
   * @param claimed whether only a client has named it
   */
  record Entry(long hash, ServerId server, long ageNanos, boolean claimed) {
    Entry {
      if (ageNanos < 0) {
        throw new IllegalArgumentException("expected an age of 0 or more, found " + ageNanos);
      }
    }
  }

  /** All sessions that have not expired. */
  List<Entry> entries(long nowNanos) {
    List<Entry> entries = new ArrayList<>();
    for (Stripe stripe : stripes) {
      stripe.addTo(entries, nowNanos, expireNanos);
    }
    return entries;
  }

  /** Keeps a session of another process; those that were used last are to come last. */
  void keep(Entry entry, long nowNanos) {
    if (entry.ageNanos() <= expireNanos) {
      stripe(entry.hash())
          .keep(
              entry.hash(),
              entry.server(),
              nowNanos - entry.ageNanos(),
              expireNanos,
              entry.claimed());
    }
  }

  private Stripe stripe(long hash) {
    return stripes[(int) (hash >>> 60)];
  }

  private static final class Kept {
    private ServerId server;
    private long usedNanos;

    Kept(ServerId server, long usedNanos) {
      this.server = server;
      this.usedNanos = usedNanos;
    }

    boolean isExpired(long nowNanos, long expireNanos) {
      return nowNanos - usedNanos > expireNanos;
    }
  }

  /** A part of the table with a lock of its own. */
  private static final class Stripe {
    private static final int CLAIMED_PART = 8;

    /** Sessions that a server has named, in the order of their last use. */
    private final Map<Long, Kept> known = new LinkedHashMap<>(16, 0.75f, true);

    /** The sessions that only clients have named, by the same hash. */
    private final Map<Long, Kept> claimed = new LinkedHashMap<>(16, 0.75f, true);

    private final int most;

    Stripe(int most) {
      this.most = most;
    }

    synchronized @Nullable ServerId find(long hash, long nowNanos, long expireNanos) {
      Kept kept = get(hash);
      if (kept == null) {
        return null;
      }
      if (kept.isExpired(nowNanos, expireNanos)) {
        known.remove(hash);
        claimed.remove(hash);
        return null;
      }
      kept.usedNanos = nowNanos;
      return kept.server;
    }

    private @Nullable Kept get(long hash) {
      Kept kept = known.get(hash);
      return kept == null && !claimed.isEmpty() ? claimed.get(hash) : kept;
    }

    /**
     * Keeps a session.
     *
     * @param byClient whether only a client has named it
     */
    synchronized void keep(
        long hash, ServerId server, long nowNanos, long expireNanos, boolean byClient) {
      Kept kept = byClient ? get(hash) : known.get(hash);
      if (kept != null) {
        kept.server = server;
        kept.usedNanos = nowNanos;
        return;
      }
      claimed.remove(hash);
      (byClient ? claimed : known).put(hash, new Kept(server, nowNanos));
      makeRoom(nowNanos, expireNanos);
    }

    /** Removes a session if there is one too many. */
    private void makeRoom(long nowNanos, long expireNanos) {
      if (known.size() + claimed.size() <= most) {
        return;
      }
      Iterator<Kept> oldest = known.values().iterator();
      boolean fromClaimed =
          !oldest.hasNext()
              || (claimed.size() * CLAIMED_PART > most
                  && !oldest.next().isExpired(nowNanos, expireNanos));
      removeOldest(fromClaimed ? claimed : known);
    }

    private static void removeOldest(Map<Long, Kept> sessions) {
      Iterator<Kept> oldest = sessions.values().iterator();
      oldest.next();
      oldest.remove();
    }

    synchronized void addTo(List<Entry> entries, long nowNanos, long expireNanos) {
      addTo(entries, known, nowNanos, expireNanos, false);
      addTo(entries, claimed, nowNanos, expireNanos, true);
    }

    private static void addTo(
        List<Entry> entries,
        Map<Long, Kept> sessions,
        long nowNanos,
        long expireNanos,
        boolean claimed) {
      sessions.forEach(
          (hash, kept) -> {
            if (!kept.isExpired(nowNanos, expireNanos)) {
              long age = Math.max(0, nowNanos - kept.usedNanos);
              entries.add(new Entry(hash, kept.server, age, claimed));
            }
          });
    }

    synchronized int count() {
      return known.size() + claimed.size();
    }
  }
}
