package dev.understudy.agreement.quorum;

import dev.understudy.agreement.DecisionThread;
import dev.understudy.agreement.register.Register;
import dev.understudy.agreement.register.RegisterEntry;
import dev.understudy.agreement.register.RegisterException;
import dev.understudy.agreement.register.RegisterKey;
import dev.understudy.agreement.register.RegisterListing;
import dev.understudy.recurring.Timers;
import java.util.HashMap;
import java.util.HashSet;
import java.util.Map;
import java.util.Set;
import java.util.random.RandomGenerator;
import org.jspecify.annotations.Nullable;

/**
 * This replica's copy of the register's content: built from a list, a watch from there on, and the
 * results of single reads and own writes. The content with the higher revision wins; a list
 * replaces everything.
 */
final class RegisterCache {
  /** Learns what changes in the copy; called on the decision thread. */
  interface Listener {
    /** An entry is new or has new content. */
    void changed(RegisterEntry entry);

    /** An entry was deleted. */
    void deleted(RegisterKey key);

    /** All changes up to {@link RegisterCache#reportedRevision} have been reported. */
    void progress();

    /**
     * Everything that was in the register at a time has been reported.
     *
     * @param sent when the list of it was asked for, in nanoseconds of the loop's clock
     */
    void listed(long sent);

    /**
     * A list or a watch failed.
     *
     * @param why the reason, for people
     */
    void failed(String why);
  }

  private static final int MOST_TOMBSTONES = 10_000;

  private final Register register;
  private final DecisionThread loop;
  private final Listener listener;
  private final Backoff listBackoff;
  private final Backoff watchBackoff;
  private final Map<RegisterKey, RegisterEntry> entries = new HashMap<>();

  /** Revisions of the deletions since the last list. */
  private final Map<RegisterKey, Long> tombstones = new HashMap<>();

  /** Keys of news from single reads and writes during a list, whose content may be older. */
  private final Set<RegisterKey> learntMeanwhile = new HashSet<>();

  private Register.@Nullable Watch watch;
  private Timers.Timer timer = () -> {};
  private long reportedRevision;
  private int generation;
  private boolean listing;
  private boolean listAgain;
  private boolean listed;

  RegisterCache(Register register, DecisionThread loop, RandomGenerator random, Listener listener) {
    this.register = register;
    this.loop = loop;
    this.listener = listener;
    this.listBackoff = new Backoff(random);
    this.watchBackoff = new Backoff(random);
  }

  /** Lists all entries and then watches, also if it watches already. */
  void resync() {
    if (listing) {
      return;
    }
    listing = true;
    learntMeanwhile.clear();
    stopWatch();
    long sent = loop.nanoTime();
    loop.whenDone(register.list(), (result, failure) -> listed(sent, result, failure));
  }

  /**
   * Starts over because the store is older than it was: restored from a backup. A watch from the
   * last revision would be silent until the store reaches that again, so {@link #reportedRevision}
   * begins at 0.
   */
  void setBack() {
    reportedRevision = 0;
    listAgain = listing;
    resync();
  }

  /** Whether a list has ever succeeded. */
  boolean isListed() {
    return listed;
  }

  /** The revision up to which the watch, or the last list, has reported all changes. */
  long reportedRevision() {
    return reportedRevision;
  }

  /** Whether this copy has what is in a list, and nothing else but what came after it. */
  boolean covers(RegisterListing listing) {
    Set<RegisterKey> present = new HashSet<>();
    for (RegisterEntry entry : listing.entries()) {
      present.add(entry.key());
      RegisterEntry known = entries.get(entry.key());
      long told = known == null ? tombstones.getOrDefault(entry.key(), 0L) : known.revision();
      if (told != entry.revision() && told <= listing.revision()) {
        return false;
      }
    }
    return entries.values().stream()
        .allMatch(known -> present.contains(known.key()) || known.revision() > listing.revision());
  }

  @Nullable RegisterEntry entry(RegisterKey key) {
    return entries.get(key);
  }

  /** Takes the result of a single read or of an own write. */
  void learn(RegisterEntry entry) {
    if (isNewer(entry.key(), entry.revision())) {
      learntMeanwhile.add(entry.key());
      put(entry);
    }
  }

  /** Takes the absence of an entry whose last known revision was {@code knownRevision}. */
  void learnAbsent(RegisterKey key, long knownRevision) {
    RegisterEntry known = entries.get(key);
    if (known != null && known.revision() == knownRevision) {
      learntMeanwhile.add(key);
      remove(key, knownRevision);
    }
  }

  private void listed(long sent, @Nullable RegisterListing result, @Nullable Throwable failure) {
    listing = false;
    if (listAgain) {
      listAgain = false;
      resync();
      return;
    }
    if (result == null) {
      listener.failed(RegisterFailures.text(failure));
      timer = loop.schedule(listBackoff.next(failure), this::resync);
      return;
    }
    listBackoff.reset();
    replace(result);
    listed = true;
    reportedRevision = result.revision();
    listener.progress();
    listener.listed(sent);
    watch();
  }

  private void replace(RegisterListing result) {
    tombstones.clear();
    Set<RegisterKey> present = new HashSet<>();
    for (RegisterEntry entry : result.entries()) {
      present.add(entry.key());
      RegisterEntry known = entries.get(entry.key());
      boolean newer = learntMeanwhile.contains(entry.key()) && isOlder(entry, known);
      if (!newer && !entry.equals(known)) {
        put(entry);
      }
    }
    for (RegisterEntry known : Set.copyOf(entries.values())) {
      boolean newer = learntMeanwhile.contains(known.key()) && known.revision() > result.revision();
      if (!present.contains(known.key()) && !newer) {
        remove(known.key(), result.revision());
      }
    }
  }

  private static boolean isOlder(RegisterEntry entry, @Nullable RegisterEntry known) {
    return known != null && entry.revision() < known.revision();
  }

  private void watch() {
    stopWatch();
    int mine = generation;
    watch = register.watch(reportedRevision, new Changes(mine));
  }

  private void stopWatch() {
    generation++;
    timer.cancel();
    Register.Watch running = watch;
    watch = null;
    if (running != null) {
      running.close();
    }
  }

  private void ended(RegisterException why) {
    watch = null;
    listener.failed(RegisterFailures.text(why));
    // Lists first instead of resuming: the store may have been restored from a backup.
    timer = loop.schedule(watchBackoff.next(why), this::resync);
  }

  private void advance(long revision) {
    reportedRevision = Math.max(reportedRevision, revision);
    watchBackoff.reset();
    listener.progress();
  }

  private boolean isNewer(RegisterKey key, long revision) {
    RegisterEntry known = entries.get(key);
    return (known == null || known.revision() < revision)
        && tombstones.getOrDefault(key, 0L) < revision;
  }

  private void put(RegisterEntry entry) {
    entries.put(entry.key(), entry);
    listener.changed(entry);
  }

  private void remove(RegisterKey key, long revision) {
    entries.remove(key);
    if (tombstones.size() == MOST_TOMBSTONES) {
      tombstones.clear();
    }
    tombstones.put(key, revision);
    listener.deleted(key);
  }

  /** Listener of one watch; calls from an earlier watch are ignored. */
  private final class Changes implements Register.WatchListener {
    private final int mine;

    Changes(int mine) {
      this.mine = mine;
    }

    @Override
    public void changed(RegisterEntry entry) {
      run(
          () -> {
            if (isNewer(entry.key(), entry.revision())) {
              put(entry);
            }
            advance(entry.revision());
          });
    }

    @Override
    public void deleted(RegisterKey key, long revision) {
      run(
          () -> {
            RegisterEntry known = entries.get(key);
            if (known != null && known.revision() < revision) {
              remove(key, revision);
            } else if (known == null) {
              tombstones.merge(key, revision, Math::max);
            }
            advance(revision);
          });
    }

    @Override
    public void progress(long revision) {
      run(() -> advance(revision));
    }

    @Override
    public void ended(RegisterException why) {
      run(() -> RegisterCache.this.ended(why));
    }

    private void run(Runnable news) {
      loop.execute(
          () -> {
            if (mine == generation) {
              news.run();
            }
          });
    }
  }
}
