package dev.understudy.agreement.register;

import dev.understudy.agreement.register.MemoryStore.Change;
import dev.understudy.agreement.register.RegisterException.Reason;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.Executor;
import java.util.function.Consumer;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/** A register in memory. A call takes effect at once; its result comes by way of the executor. */
public final class MemoryRegister implements Register {
  private final MemoryStore store;
  private final String installation;
  private final Executor callbacks;
  private final Set<MemoryWatch> watches = ConcurrentHashMap.newKeySet();
  private volatile boolean closed;

  /**
   * A register of one installation.
   *
   * @param callbacks what futures are completed and listeners called on, one task after another
   */
  public MemoryRegister(MemoryStore store, String installation, Executor callbacks) {
    this.store = store;
    this.installation = installation;
    this.callbacks = callbacks;
  }

  @Override
  public String description() {
    return "memory, installation " + installation;
  }

  @Override
  public CompletableFuture<RegisterListing> list() {
    return call(() -> store.list(installation));
  }

  @Override
  public CompletableFuture<Optional<RegisterEntry>> get(RegisterKey key) {
    return call(() -> store.get(installation, key));
  }

  @Override
  public CompletableFuture<Long> compareAndSet(
      RegisterKey key, RegisterDocument document, long expected) {
    return call(() -> store.compareAndSet(installation, key, document, expected));
  }

  @Override
  public CompletableFuture<Void> delete(RegisterKey key, long expected) {
    return call(
        () -> {
          store.delete(installation, key, expected);
          return null;
        });
  }

  @Override
  public Watch watch(long revision, WatchListener listener) {
    MemoryWatch watch = new MemoryWatch(listener);
    try {
      if (closed) {
        throw closedException();
      }
      watches.add(watch);
      store.watch(revision, watch);
    } catch (RegisterException e) {
      watches.remove(watch);
      watch.offer(() -> watch.end(e));
    }
    return watch;
  }

  @Override
  public void close() {
    closed = true;
    watches.forEach(MemoryWatch::close);
  }

  private <T extends @Nullable Object> CompletableFuture<T> call(Supplier<T> work) {
    CompletableFuture<T> result = new CompletableFuture<>();
    Runnable completion;
    try {
      if (closed) {
        throw closedException();
      }
      T value = work.get();
      completion = () -> result.complete(value);
    } catch (RegisterException e) {
      completion = () -> result.completeExceptionally(e);
    }
    callbacks.execute(completion);
    return result;
  }

  private static RegisterException closedException() {
    return new RegisterException(Reason.UNCERTAIN, "the register is closed");
  }

  private final class MemoryWatch implements Watch, Consumer<Change> {
    private final WatchListener listener;
    private volatile boolean ended;

    MemoryWatch(WatchListener listener) {
      this.listener = listener;
    }

    @Override
    public void accept(Change change) {
      offer(() -> tell(change));
    }

    private void tell(Change change) {
      if (!change.installation().equals(installation)) {
        return;
      }
      if (change.document() == null) {
        listener.deleted(change.key(), change.revision());
      } else {
        listener.changed(new RegisterEntry(change.key(), change.revision(), change.document()));
      }
    }

    void end(RegisterException why) {
      close();
      listener.ended(why);
    }

    void offer(Runnable step) {
      callbacks.execute(
          () -> {
            if (!ended) {
              step.run();
            }
          });
    }

    @Override
    public void close() {
      ended = true;
      store.unwatch(this);
      watches.remove(this);
    }
  }
}
