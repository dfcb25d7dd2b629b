package dev.understudy.agreement.quorum;

import dev.understudy.agreement.DecisionThread;
import dev.understudy.agreement.register.Register;
import dev.understudy.agreement.register.RegisterDocument;
import dev.understudy.agreement.register.RegisterEntry;
import dev.understudy.agreement.register.RegisterKey;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.Optional;
import java.util.function.Consumer;
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
 * <p>If a write is not back on the watch within 300 ms, the entry is read; if it is there, the
 * watch is behind, and everything is listed anew. This finds watches that died silently.
 */
final class VoterWriter {
  private static final Duration COALESCE = Duration.ofMillis(3);
  private static final Duration ECHO = Duration.ofMillis(300);
  private static final int MOST_AWAITED = 64;

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

  private record Awaited(long revision, long sent) {}

  private final Register register;
  private final DecisionThread loop;
  private final RegisterCache cache;
  private final QuorumSettings settings;
  private final RandomGenerator random;
  private final Supplier<Voter> wanted;
  private final Listener listener;
  private final Backoff backoff;
  private final RegisterKey key;
  private final Instant begun;
  private final Deque<Awaited> awaited = new ArrayDeque<>();
  private DecisionThread.Timer timer = () -> {};
  private @Nullable Voter written;
  private long revision;

  /**
   * The revision of the last own write. The next one's is higher, unless the store was restored.
   */
  private long highest;

  /**
   * When the first write was sent whose outcome is not known, upon the last own one: if that or a
   * later one has landed, it was not earlier. Null if there is none.
   */
  private @Nullable Long unsettled;

  private boolean started;
  private boolean writing;
  private boolean failing;
  private boolean planned;
  private boolean changed;

  /** Whether the write that is under way was sent too early. */
  private boolean renewAgain;

  private boolean left;

  /** Whether another process writes the entry. */
  private boolean held;

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
    this.key = RegisterKey.voter(settings.replica());
    this.begun = loop.wall();
  }

  /** Begins to write; to be called once the cache is listed. */
  void start() {
    if (started || left || held) {
      return;
    }
    started = true;
    RegisterEntry before = cache.entry(key);
    if (before == null || isOurs(before) || isFromEarlierRunOfPod(before)) {
      writeUpon(before);
    } else {
      awaitSilence(before.revision());
    }
  }

  /** The content to write may have changed. */
  void changed() {
    changed = true;
    // Before the first write the name does not belong to this process; after a failure, the retry
    // covers this.
    if (written != null && !left && !held && !writing && !planned && !failing) {
      planned = true;
      var unused = loop.schedule(COALESCE, this::writeIfChanged);
    }
  }

  /** Writes the entry at once, as earlier renewals count no more. */
  void renew() {
    if (writing) {
      renewAgain = true;
    } else if (written != null && !failing) {
      write();
    }
  }

  private void writeIfChanged() {
    planned = false;
    if (changed && !writing && !failing && !wanted.get().equals(written)) {
      write();
    }
  }

  /** Writes nothing more, and leaves the entry to another process of this incarnation. */
  void hold() {
    held = true;
    next(settings.renew(), this::readOther);
  }

  /**
   * Reads what the other process writes: without the echo of own writes nothing else shows that the
   * watch has died silently.
   */
  private void readOther() {
    if (!held || left) {
      return;
    }
    next(settings.renew(), this::readOther);
    if (cache.isListed()) {
      loop.whenDone(
          register.get(key),
          (found, failure) -> {
            if (found != null && found.isPresent()) {
              var unused = loop.schedule(ECHO, () -> resyncBehind(found.get().revision()));
            }
          });
    }
  }

  private void resyncBehind(long reached) {
    if (!left && cache.reportedRevision() < reached) {
      cache.resync();
    }
  }

  /** Writes the entry from now on, upon what the other process wrote last. */
  void resume() {
    held = false;
    failing = false;
    unsettled = null;
    if (cache.isListed()) {
      started = false;
      start();
    }
  }

  /** The cache has reported more changes. */
  void progress() {
    for (Awaited first = awaited.peek();
        first != null && first.revision() <= cache.reportedRevision();
        first = awaited.peek()) {
      awaited.remove();
      listener.renewed(first.sent());
    }
  }

  /** The entry was deleted, by a garbage collector or by hand: writes it again. */
  void deleted() {
    if (mayWrite() && written != null) {
      writeUpon(null);
    }
  }

  /** Deletes the entry and stops writing. */
  void leave() {
    if (left) {
      return;
    }
    left = true;
    timer.cancel();
    if (!writing && revision != 0) {
      delete();
    } else if (failing) {
      deleteFound();
    }
  }

  /** Waits {@code 3 * renew}, to tell an ended process of the same name from a living one. */
  private void awaitSilence(long then) {
    Duration life = Duration.ofNanos(settings.lifeNanos());
    next(life, () -> read(found -> takeOver(found.orElse(null), then)));
  }

  private void takeOver(@Nullable RegisterEntry now, long then) {
    if (!mayWrite()) {
      return;
    }
    if (now != null && now.revision() != then && !isOurs(now)) {
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
    return !left && !held && !writing;
  }

  private void writeUpon(@Nullable RegisterEntry found) {
    revision = found == null ? 0 : found.revision();
    write();
  }

  private void write() {
    timer.cancel();
    if (!mayWrite()) {
      return;
    }
    writing = true;
    renewAgain = false;
    changed = false;
    Voter voter = wanted.get();
    long sent = loop.nanoTime();
    RegisterDocument document = VoterCodec.write(voter, begun, loop.wall());
    loop.whenDone(
        register.compareAndSet(key, document, revision),
        (result, failure) -> written(voter, sent, result, failure));
  }

  private void written(Voter voter, long sent, @Nullable Long result, @Nullable Throwable failure) {
    writing = false;
    if (result == null) {
      failed(sent, failure);
      return;
    }
    backoff.reset();
    failing = false;
    unsettled = null;
    boolean setBack = result <= highest;
    revision = result;
    highest = result;
    written = voter;
    if (left) {
      delete();
      return;
    }
    await(result, sent);
    if (setBack) {
      cache.setBack();
    }
    progress();
    var unused = loop.schedule(ECHO, () -> verify(result));
    double factor = 0.9 + 0.2 * random.nextDouble();
    next(Duration.ofNanos(Math.round(settings.renew().toNanos() * factor)), this::write);
    if (renewAgain) {
      write();
    } else if (changed) {
      changed();
    }
  }

  private void await(long ownRevision, long sent) {
    awaited.removeIf(earlier -> earlier.revision() >= ownRevision);
    if (awaited.size() == MOST_AWAITED) {
      awaited.remove();
    }
    awaited.add(new Awaited(ownRevision, sent));
  }

  private void failed(long sent, @Nullable Throwable failure) {
    if (left) {
      deleteFound();
      return;
    }
    if (held) {
      return;
    }
    failing = true;
    listener.failed(RegisterFailures.text(failure));
    Duration wait = backoff.next(failure);
    if (unsettled == null && revision == highest) {
      unsettled = sent;
    }
    if (RegisterFailures.isConflict(failure)) {
      read(found -> settle(found.orElse(null), wait));
    } else {
      next(wait, this::write);
    }
  }

  /** After a conflict: a write that seemed to fail, a deletion, or a process of the same name. */
  private void settle(@Nullable RegisterEntry entry, Duration wait) {
    if (!mayWrite()) {
      return;
    }
    if (entry != null && entry.revision() < highest) {
      highest = entry.revision();
      cache.setBack();
    }
    if (entry != null && !isOurs(entry) && !isFromEarlierRunOfPod(entry)) {
      awaitSilence(entry.revision());
      return;
    }
    Long since = unsettled;
    unsettled = null;
    if (since != null && entry != null && entry.revision() > highest && isOurs(entry)) {
      // It keeps contact as one does whose response came: a slow store is no lost one.
      highest = entry.revision();
      await(highest, since);
      progress();
    }
    revision = entry == null ? 0 : entry.revision();
    next(wait, this::write);
  }

  private void verify(long expected) {
    if (!left && cache.reportedRevision() < expected) {
      read(found -> found.ifPresent(entry -> resyncBehind(expected)));
    }
  }

  private void read(Consumer<Optional<RegisterEntry>> reader) {
    loop.whenDone(
        register.get(key),
        (found, failure) -> {
          if (found != null) {
            reader.accept(found);
          } else if (mayWrite()) {
            next(backoff.next(failure), this::write);
          }
        });
  }

  private void delete() {
    cache.learnAbsent(key, revision);
    loop.whenDone(
        register.delete(key, revision),
        (nothing, failure) -> {
          if (RegisterFailures.isConflict(failure)) {
            deleteFound();
          }
        });
  }

  /** Deletes the own entry after a write of unknown outcome. */
  private void deleteFound() {
    read(
        found -> {
          if (found.isPresent() && isOurs(found.get())) {
            var unused = register.delete(key, found.get().revision());
          }
        });
  }

  private boolean isOurs(RegisterEntry entry) {
    return VoterCodec.read(settings.replica(), entry.document())
        .incarnation()
        .equals(settings.incarnation());
  }

  /** Whether the entry is of an earlier container of this pod, which the kubelet has ended. */
  private boolean isFromEarlierRunOfPod(RegisterEntry entry) {
    String pod = VoterCodec.read(settings.replica(), entry.document()).pod();
    return !pod.isEmpty() && pod.equals(settings.pod());
  }
}
