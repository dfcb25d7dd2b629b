package dev.understudy.agreement.quorum;

import dev.understudy.agreement.NotKnownException;
import dev.understudy.agreement.quorum.WriteOutcome.Read;
import dev.understudy.agreement.register.RegisterDocument;
import dev.understudy.agreement.register.RegisterEntry;
import dev.understudy.agreement.register.RegisterKey;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import org.jspecify.annotations.Nullable;

/**
 * Writes one pool's record upon the very revision that was found last. Each failed write is
 * followed by a read: another replica may have been quicker, and a write that timed out may have
 * been carried out.
 */
final class RecordWriter {
  private final Participation agreement;
  private final KnownPool pool;
  private final RegisterKey key;
  private boolean writing;

  RecordWriter(Participation agreement, KnownPool pool) {
    this.agreement = agreement;
    this.pool = pool;
    this.key = RegisterKey.pool(pool.id().value());
  }

  boolean isWriting() {
    return writing;
  }

  /**
   * Writes a record made from the one in force.
   *
   * @return completed on the loop once the register's present content has been adopted: whether
   *     that is {@code next}. Fails with a {@link NotKnownException} if it may have become that, or
   *     may yet; in another way if nothing was written, nor will be
   */
  CompletableFuture<Boolean> write(PoolRecord next) {
    writing = true;
    CompletableFuture<Boolean> done = new CompletableFuture<>();
    long expected = pool.foundRevision();
    RegisterDocument document = RecordCodec.write(next, pool.document(), agreement.loop.wall());
    agreement.loop.whenDone(
        agreement.register.compareAndSet(key, document, expected),
        (revision, failure) -> {
          if (revision == null) {
            failed(next, expected, failure, done);
          } else {
            writing = false;
            learn(new RegisterEntry(key, revision, document), revision <= expected);
            done.complete(true);
          }
        });
    return done;
  }

  private void learn(RegisterEntry entry, boolean setBack) {
    agreement.cache.learn(entry);
    if (setBack) {
      agreement.cache.setBack();
    }
  }

  private void failed(
      PoolRecord next,
      long expected,
      @Nullable Throwable failure,
      CompletableFuture<Boolean> done) {
    if (RegisterFailures.isConflict(failure)) {
      agreement.conflicted();
    }
    agreement.loop.whenDone(
        agreement.register.get(key),
        (read, problem) -> {
          writing = false;
          Read found = read == null ? Read.FAILED : found(read, next, expected);
          String why = RegisterFailures.text(failure);
          switch (WriteOutcome.of(RegisterFailures.reason(failure), found)) {
            case WRITTEN -> done.complete(true);
            case OVERTAKEN -> done.complete(false);
            case NOT_WRITTEN -> fail(done, new IllegalStateException(why));
            case NOT_KNOWN -> fail(done, new NotKnownException(why));
          }
        });
  }

  /** Takes the entry that was read after a write of {@code next} had failed. */
  private Read found(Optional<RegisterEntry> read, PoolRecord next, long expected) {
    read.ifPresentOrElse(
        entry -> learn(entry, entry.revision() < expected),
        () -> agreement.cache.learnAbsent(key, expected));
    boolean ours =
        read.filter(entry -> RecordCodec.read(entry.document()).equals(next)).isPresent();
    return Read.of(ours, read.map(RegisterEntry::revision).orElse(0L), expected);
  }

  /** Reports a change too: nothing else may tell that this replica's turn has come again. */
  private void fail(CompletableFuture<Boolean> done, IllegalStateException why) {
    agreement.pools.changed(pool.id());
    done.completeExceptionally(why);
  }
}
