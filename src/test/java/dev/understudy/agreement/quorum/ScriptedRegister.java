package dev.understudy.agreement.quorum;

import dev.understudy.agreement.register.Register;
import dev.understudy.agreement.register.RegisterDocument;
import dev.understudy.agreement.register.RegisterEntry;
import dev.understudy.agreement.register.RegisterException;
import dev.understudy.agreement.register.RegisterException.Reason;
import dev.understudy.agreement.register.RegisterKey;
import dev.understudy.agreement.register.RegisterListing;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import org.jspecify.annotations.Nullable;

/** A register whose calls wait for what the test answers. */
final class ScriptedRegister implements Register {
  /** A call that waits. */
  record Call<T>(
      RegisterKey key,
      @Nullable RegisterDocument document,
      long expected,
      CompletableFuture<T> response) {
    void succeed(T result) {
      response.complete(result);
    }

    void fail(Reason reason) {
      response.completeExceptionally(new RegisterException(reason, "as the test wants"));
    }

    void fail(RegisterException failure) {
      response.completeExceptionally(failure);
    }
  }

  /** A watch that runs, or ran. */
  static final class Watching implements Watch {
    final long from;
    final WatchListener listener;
    boolean closed;

    Watching(long from, WatchListener listener) {
      this.from = from;
      this.listener = listener;
    }

    @Override
    public void close() {
      closed = true;
    }
  }

  private static final RegisterKey ALL = RegisterKey.pool("all");

  final List<Call<RegisterListing>> lists = new ArrayList<>();
  final List<Call<Optional<RegisterEntry>>> gets = new ArrayList<>();
  final List<Call<Long>> writes = new ArrayList<>();
  final List<Call<Void>> deletions = new ArrayList<>();
  final List<Watching> watches = new ArrayList<>();

  /** The watch that was begun last. */
  Watching watch() {
    return watches.getLast();
  }

  @Override
  public String description() {
    return "register of the test";
  }

  @Override
  public CompletableFuture<RegisterListing> list() {
    return called(lists, ALL, null, 0);
  }

  @Override
  public CompletableFuture<Optional<RegisterEntry>> get(RegisterKey key) {
    return called(gets, key, null, 0);
  }

  @Override
  public CompletableFuture<Long> compareAndSet(
      RegisterKey key, RegisterDocument document, long expected) {
    return called(writes, key, document, expected);
  }

  @Override
  public CompletableFuture<Void> delete(RegisterKey key, long expected) {
    return called(deletions, key, null, expected);
  }

  private static <T> CompletableFuture<T> called(
      List<Call<T>> calls, RegisterKey key, @Nullable RegisterDocument document, long expected) {
    CompletableFuture<T> response = new CompletableFuture<>();
    calls.add(new Call<>(key, document, expected, response));
    return response;
  }

  @Override
  public Watch watch(long revision, WatchListener listener) {
    Watching watching = new Watching(revision, listener);
    watches.add(watching);
    return watching;
  }

  @Override
  public void close() {}
}
