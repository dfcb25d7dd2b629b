package dev.understudy.agreement.quorum;

import dev.understudy.agreement.register.RegisterDocument;
import dev.understudy.agreement.register.RegisterEntry;
import dev.understudy.agreement.register.RegisterKey;
import dev.understudy.pool.PoolId;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import org.jspecify.annotations.Nullable;

/**
 * Writes one pool's record upon the very revision that a decision was made from. Each failed write
 * is followed by a read: another replica may have been quicker, and a write that timed out may have
 * been carried out.
 */
final class RecordWriter {
  private final QuorumAgreement agreement;
  private final RegisterKey key;
  private boolean writing;

  RecordWriter(QuorumAgreement agreement, RegisterKey key) {
    this.agreement = agreement;
    this.key = key;
  }

  boolean isWriting() {
    return writing;
  }

  /**
   * Writes the record {@code next} over revision {@code expected}.
   *
   * @param base the document that it is made from; null if there is none
   * @return completed on the loop once the register's present content has been adopted: whether
   *     that is {@code next}. Fails if the content is unknown
   */
  CompletableFuture<Boolean> write(
      PoolRecord next, @Nullable RegisterDocument base, long expected) {
    writing = true;
    CompletableFuture<Boolean> done = new CompletableFuture<>();
    RegisterDocument document = RecordCodec.write(next, base, agreement.loop().wall());
    agreement
        .loop()
        .whenDone(
            agreement.register().compareAndSet(key, document, expected),
            (revision, failure) -> {
              if (revision == null) {
                failed(next, expected, failure, done);
              } else {
                written(document, expected, revision, done);
              }
            });
    return done;
  }

  private void written(
      RegisterDocument document, long expected, long revision, CompletableFuture<Boolean> done) {
    writing = false;
    agreement.registerCache().learn(new RegisterEntry(key, revision, document));
    if (revision <= expected) {
      agreement.registerCache().setBack();
    }
    done.complete(true);
  }

  private void failed(
      PoolRecord next,
      long expected,
      @Nullable Throwable failure,
      CompletableFuture<Boolean> done) {
    if (RegisterFailures.isConflict(failure)) {
      agreement.conflicted();
    }
    agreement
        .loop()
        .whenDone(
            agreement.register().get(key),
            (found, problem) -> {
              writing = false;
              if (found == null) {
                fail(done, problem);
              } else {
                read(next, expected, failure, found, done);
              }
            });
  }

  private void read(
      PoolRecord next,
      long expected,
      @Nullable Throwable failure,
      Optional<RegisterEntry> found,
      CompletableFuture<Boolean> done) {
    RegisterEntry entry = found.orElse(null);
    if (entry == null) {
      agreement.registerCache().learnAbsent(key, expected);
    } else {
      agreement.registerCache().learn(entry);
      if (entry.revision() < expected) {
        agreement.registerCache().setBack();
      }
    }
    boolean isWritten = entry != null && RecordCodec.read(entry.document()).equals(next);
    if (isWritten || RegisterFailures.isConflict(failure)) {
      done.complete(isWritten);
    } else {
      fail(done, failure);
    }
  }

  /** Reports a change too: nothing else may tell that this replica's turn has come again. */
  private void fail(CompletableFuture<Boolean> done, @Nullable Throwable failure) {
    agreement.changed(new PoolId(key.name()));
    done.completeExceptionally(new IllegalStateException(RegisterFailures.text(failure)));
  }
}
