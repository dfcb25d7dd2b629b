package dev.understudy.bench.agreement;

import dev.understudy.agreement.register.Register;
import dev.understudy.agreement.register.RegisterDocument;
import dev.understudy.agreement.register.RegisterEntry;
import dev.understudy.agreement.register.RegisterException;
import dev.understudy.agreement.register.RegisterException.Reason;
import dev.understudy.agreement.register.RegisterKey;
import dev.understudy.agreement.register.RegisterListing;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import org.jspecify.annotations.Nullable;

/** Counts the writes of one replica. */
record CountingRegister(Register register, Calls calls) implements Register {
  @Override
  public String description() {
    return register.description();
  }

  @Override
  public CompletableFuture<RegisterListing> list() {
    return register.list();
  }

  @Override
  public CompletableFuture<Optional<RegisterEntry>> get(RegisterKey key) {
    return register.get(key);
  }

  @Override
  public CompletableFuture<Long> compareAndSet(
      RegisterKey key, RegisterDocument document, long expected) {
    calls.wrote();
    return register
        .compareAndSet(key, document, expected)
        .whenComplete(
            (revision, failure) -> {
              if (key.kind() == RegisterKey.Kind.POOL && isConflict(failure)) {
                calls.conflicted();
              }
            });
  }

  private static boolean isConflict(@Nullable Throwable failure) {
    Throwable cause = failure instanceof CompletionException ? failure.getCause() : failure;
    return cause instanceof RegisterException known && known.reason() == Reason.CONFLICT;
  }

  @Override
  public CompletableFuture<Void> delete(RegisterKey key, long expected) {
    calls.wrote();
    return register.delete(key, expected);
  }

  @Override
  public Watch watch(long revision, WatchListener listener) {
    return register.watch(revision, listener);
  }

  /** An announcement is none of the agreement's writes: it is not done in etcd, and is bounded. */
  @Override
  public void announce(RegisterKey about, String reason, String message, boolean warning) {
    register.announce(about, reason, message, warning);
  }

  @Override
  public void close() {
    register.close();
  }
}
