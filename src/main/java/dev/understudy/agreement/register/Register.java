package dev.understudy.agreement.register;

import java.util.Optional;
import java.util.concurrent.CompletableFuture;

/**
 * A store of a few small documents that all replicas see: the Kubernetes API, or etcd.
 *
 * <p>No method blocks, each may be called from any thread. Futures and listeners are completed and
 * called on any thread. Each call ends within its time-out, 1 s by default; none is repeated here.
 * What fails, fails with a {@link RegisterException}.
 */
public interface Register extends AutoCloseable {
  /** Where it is, for people: {@code "Kubernetes API at https://10.96.0.1:443, namespace shop"}. */
  String description();

  /** All entries of this installation, as of now: never from a cache that may be behind. */
  CompletableFuture<Listing> list();

  /** One entry, as of now; empty: there is none. */
  CompletableFuture<Optional<Entry>> get(Key key);

  /**
   * Writes an entry if it still has the revision that is expected.
   *
   * @param expected 0: there must be none
   * @return the new revision; fails with CONFLICT if the entry is another by now
   */
  CompletableFuture<Long> compareAndSet(Key key, Document document, long expected);

  /** Deletes an entry if it still has that revision; done too if there is none. */
  CompletableFuture<Void> delete(Key key, long expected);

  /**
   * Tells of every change after a revision, in order, each once.
   *
   * @param revision of a {@link Listing}, or the last that a watch before told of
   */
  Watch watch(long revision, WatchListener listener);

  /**
   * Tells people who look at the store's own event log, if it has one: best effort, bounded,
   * nothing is repeated.
   *
   * @param reason one word in camel case
   */
  default void announce(Key about, String reason, String message, boolean warning) {}

  /** Ends all calls and watches. */
  @Override
  void close();

  /** A watch that runs. */
  interface Watch {
    /** Ends it; the listener hears nothing more. */
    void close();
  }

  /** Hears of changes, one call at a time. */
  interface WatchListener {
    /** That entry was created or written. */
    void changed(Entry entry);

    /** That entry was deleted, by the change of that revision. */
    void deleted(Key key, long revision);

    /** All changes up to this revision have been told. */
    void progress(long revision);

    /** It has ended, and hears no more: by the store, or by an error; {@code GONE} among them. */
    void ended(RegisterException why);
  }
}
