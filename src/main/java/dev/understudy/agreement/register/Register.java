package dev.understudy.agreement.register;

import java.util.Optional;
import java.util.concurrent.CompletableFuture;

/**
 * A store of a few small documents that all replicas see: the Kubernetes API, or etcd.
 *
 * <p>No method blocks, and each may be called from any thread. Futures are completed and listeners
 * called on any thread. Each call ends within its time-out, 1 s by default, and fails with a {@link
 * RegisterException}. A call that may have been carried out is never repeated here.
 */
public interface Register extends AutoCloseable {
  /** Location for people: {@code "Kubernetes API at https://10.96.0.1:443, namespace shop"}. */
  String description();

  /** Lists all entries of this installation as of now, never from a cache that may be behind. */
  CompletableFuture<RegisterListing> list();

  /** Reads one entry as of now; empty if there is none. */
  CompletableFuture<Optional<RegisterEntry>> get(RegisterKey key);

  /**
   * Writes an entry if it still has the expected revision.
   *
   * @param expected the revision; 0 if the entry must not exist
   * @return the new revision; fails with CONFLICT if the revision differs
   */
  CompletableFuture<Long> compareAndSet(RegisterKey key, RegisterDocument document, long expected);

  /** Deletes an entry if it still has the expected revision; succeeds if there is none. */
  CompletableFuture<Void> delete(RegisterKey key, long expected);

  /**
   * Reports every change after a revision, in order, each once.
   *
   * @param revision that of a {@link RegisterListing}, or the last one that an earlier watch
   *     reported
   */
  Watch watch(long revision, WatchListener listener);

  /**
   * Writes to the store's own event log, if it has one: best effort, bounded, never repeated.
   *
   * @param reason one word in camel case
   */
  default void announce(RegisterKey about, String reason, String message, boolean warning) {}

  /** Ends all calls and watches. */
  @Override
  void close();

  /** A running watch. */
  interface Watch {
    /** Ends the watch; the listener is not called again. */
    void close();
  }

  /** Listener of a watch; called once at a time. */
  interface WatchListener {
    /** An entry was created or written. */
    void changed(RegisterEntry entry);

    /**
     * An entry was deleted.
     *
     * @param revision revision of that deletion
     */
    void deleted(RegisterKey key, long revision);

    /** All changes up to this revision have been reported. */
    void progress(long revision);

    /** The watch has ended, by the store or an error, {@code GONE} included. */
    void ended(RegisterException why);
  }
}
