package dev.understudy.agreement.quorum;

import dev.understudy.agreement.DecisionThread;
import dev.understudy.agreement.register.Register;
import dev.understudy.agreement.register.RegisterDocument;
import dev.understudy.agreement.register.RegisterEntry;
import dev.understudy.recurring.Timers;
import java.time.Duration;
import java.time.Instant;
import java.util.concurrent.CompletableFuture;
import java.util.function.Supplier;
import java.util.random.RandomGenerator;
import org.jspecify.annotations.Nullable;

/**
 * Writes this replica's voter entry: every {@code renew}, ±10 %, and within 3 ms of a change. One
 * write at a time, each upon the revision of the one before; none after {@link #leave}.
 *
 * <p>While one process hands over to the next, both are of one incarnation, and one of them
 * {@linkplain #hold holds}.
 *
 * <table>
 * <caption>Who writes the entry</caption>
 * <tr><th>tenure<th>what happens<th>tenure
 * <tr><td>BEFORE<td>the cache is listed; the entry is taken over, once it is known that no other
 *     process uses the name<td>OURS
 * <tr><td>BEFORE, OURS<td>{@link #hold}<td>ANOTHERS
 * <tr><td>ANOTHERS<td>{@link #resume}<td>BEFORE, and OURS at once if the cache is listed
 * <tr><td>any<td>{@link #leave}<td>LEFT, for good
 * </table>
 */
final class VoterWriter {
  private static final Duration COALESCE = Duration.ofMillis(3);

  /** Callbacks on the loop. */
  interface Listener {
    /**
     * A write is back on the watch.
     *
     * @param sent when it was sent, in nanoseconds of the loop's clock
     */
    void renewed(long sent);

    /**
     * A write failed.
     *
     * @param why the reason, for people
     */
    void failed(String why);

    /** Another living process uses this replica's name. */
    void nameTaken();
  }

  private enum Tenure {
    BEFORE,
    OURS,
    ANOTHERS,
    LEFT
  }

  private enum Writing {
    NO,
    YES,
    /** A write is under way that was sent too early to count: another one follows. */
    TOO_EARLY
  }

  private final Register register;
  private final DecisionThread loop;
  private final RegisterCache cache;
  private final QuorumSettings settings;
  private final RandomGenerator random;
  private final Supplier<Voter> wanted;
  private final Listener listener;
  private final Backoff backoff;
  private final OwnEntry entry;
  private final WatchCheck watch;
  private final EntryRevisions revisions = new EntryRevisions();
  private final Instant begun;
  private final CompletableFuture<Void> gone = new CompletableFuture<>();
  private Timers.Timer timer = () -> {};
  private @Nullable Voter written;
  private Tenure tenure = Tenure.BEFORE;
  private Writing writing = Writing.NO;

  /** Whether the last write failed, and is to be repeated. */
  private boolean failing;

  /** Whether a write of what has changed is planned. */
  private boolean planned;

  /** Whether the content may have changed since the last write was sent. */
  private boolean changed;

  VoterWriter(
      Register register,
      DecisionThread loop,
      RegisterCache cache,
      QuorumSettings settings,
      RandomGenerator random,
      Supplier<Voter> wanted,
      Listener listener) {
    this.register = register;
    this.loop = loop;
    this.cache = cache;
    this.settings = settings;
    this.random = random;
    this.wanted = wanted;
    this.listener = listener;
    this.backoff = new Backoff(random);
    this.entry = new OwnEntry(register, loop, cache, settings);
    this.watch = new WatchCheck(loop, cache, entry);
    this.begun = loop.wall();
  }

  /** Begins to write; to be called once the cache is listed. */
  void start() {
    if (tenure != Tenure.BEFORE) {
      return;
    }
    tenure = Tenure.OURS;
    RegisterEntry before = entry.known();
    if (before != null && entry.isOfAnother(before)) {
      awaitSilence(before.revision());
    } else {
      writeUpon(before);
    }
  }

  /** The content to write may have changed. */
  void changed() {
    changed = true;
    // Before the first write the name does not belong to this process; after a failure, the retry
    // covers this.
    if (written != null && mayWrite() && !planned && !failing) {
      planned = true;
      var unused = loop.schedule(COALESCE, this::writeIfChanged);
    }
  }

  /** Writes the entry at once, as earlier renewals count no more. */
  void renew() {
    if (writing != Writing.NO) {
      writing = Writing.TOO_EARLY;
    } else if (written != null && !failing) {
      write();
    }
  }

  private void writeIfChanged() {
    planned = false;
    if (changed && writing == Writing.NO && !failing && !wanted.get().equals(written)) {
      write();
    }
  }

  /** Writes nothing more, and leaves the entry to another process of this incarnation. */
  void hold() {
    if (tenure != Tenure.LEFT) {
      tenure = Tenure.ANOTHERS;
      timer.cancel();
    }
  }

  /** Writes the entry from now on, upon what the other process wrote last. */
  void resume() {
    if (tenure == Tenure.LEFT) {
      return;
    }
    tenure = Tenure.BEFORE;
    failing = false;
    revisions.forgetUnsettled();
    if (cache.isListed()) {
      start();
    }
  }

  /** The cache has reported more changes. */
  void progress() {
    revisions.cameBack(cache.reportedRevision()).forEach(listener::renewed);
  }

  /** The entry was deleted, by a garbage collector or by hand: writes it again. */
  void deleted() {
    if (mayWrite() && written != null) {
      writeUpon(null);
    }
  }

  /**
   * Stops writing and deletes the entry.
   *
   * @return completed once it is deleted, or cannot be
   */
  CompletableFuture<Void> leave() {
    if (tenure == Tenure.LEFT) {
      return gone;
    }
    tenure = Tenure.LEFT;
    timer.cancel();
    watch.stop();
    if (writing != Writing.NO) {
      return gone; // Deleted with the end of the write.
    }
    if (revisions.base() != 0) {
      entry.delete(revisions.base(), gone);
    } else if (failing) {
      entry.deleteFound(gone);
    } else {
      gone.complete(null);
    }
    return gone;
  }

  /** Waits {@code 3 * renew}, to tell an ended process of the same name from a living one. */
  private void awaitSilence(long then) {
    Duration life = Duration.ofNanos(settings.lifeNanos());
    next(life, () -> entry.read(found -> takeOver(found, then), this::writeSoon));
  }

  private void takeOver(@Nullable RegisterEntry now, long then) {
    if (!mayWrite()) {
      return;
    }
    if (now != null && now.revision() != then && !entry.isOurs(now)) {
      listener.nameTaken();
      return;
    }
    writeUpon(now);
  }

  /** Has that done next, in the place of what was to be done. */
  private void next(Duration wait, Runnable task) {
    timer.cancel();
    timer = loop.schedule(wait, task);
  }

  private boolean mayWrite() {
    return (tenure == Tenure.BEFORE || tenure == Tenure.OURS) && writing == Writing.NO;
  }

  private void writeUpon(@Nullable RegisterEntry found) {
    revisions.replace(found);
    write();
  }

  private void write() {
    timer.cancel();
    if (!mayWrite()) {
      return;
    }
    writing = Writing.YES;
    changed = false;
    Voter voter = wanted.get();
    long sent = loop.nanoTime();
    RegisterDocument document = VoterCodec.write(voter, begun, loop.wall());
    loop.whenDone(
        register.compareAndSet(entry.key(), document, revisions.base()),
        (result, failure) -> {
          boolean again = writing == Writing.TOO_EARLY;
          writing = Writing.NO;
          if (result == null) {
            failed(sent, failure);
          } else {
            written(voter, sent, result, again);
          }
        });
  }

  private void written(Voter voter, long sent, long revision, boolean again) {
    backoff.reset();
    failing = false;
    written = voter;
    boolean setBack = revisions.written(revision, sent);
    if (tenure == Tenure.LEFT) {
      entry.delete(revision, gone);
      return;
    }
    if (setBack) {
      cache.setBack();
    }
    progress();
    watch.written(revision, this::writeSoon);
    if (tenure == Tenure.ANOTHERS) {
      return;
    }
    double factor = 0.9 + 0.2 * random.nextDouble();
    next(Duration.ofNanos(Math.round(settings.renew().toNanos() * factor)), this::write);
    if (again) {
      write();
    } else if (changed) {
      changed();
    }
  }

  private void failed(long sent, @Nullable Throwable failure) {
    switch (tenure) {
      case LEFT -> entry.deleteFound(gone);
      case ANOTHERS -> {}
      case BEFORE, OURS -> {
        failing = true;
        listener.failed(RegisterFailures.text(failure));
        Duration wait = backoff.next(failure);
        revisions.failed(sent);
        if (RegisterFailures.isConflict(failure)) {
          entry.read(found -> settle(found, wait), this::writeSoon);
        } else {
          next(wait, this::write);
        }
      }
    }
  }

  /** After a conflict: a write that seemed to fail, a deletion, or a process of the same name. */
  private void settle(@Nullable RegisterEntry found, Duration wait) {
    if (!mayWrite()) {
      return;
    }
    if (revisions.isSetBack(found)) {
      cache.setBack();
    }
    if (found != null && entry.isOfAnother(found)) {
      awaitSilence(found.revision());
      return;
    }
    if (revisions.settle(found, found != null && entry.isOurs(found))) {
      // It keeps contact as one does whose response came: a slow store is no lost one.
      progress();
    }
    next(wait, this::write);
  }

  /** After a read that failed. */
  private void writeSoon(@Nullable Throwable failure) {
    if (mayWrite()) {
      next(backoff.next(failure), this::write);
    }
  }
}
