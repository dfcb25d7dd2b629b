package dev.understudy.monitor;

import dev.understudy.agreement.register.Register;
import dev.understudy.agreement.register.RegisterDocument;
import dev.understudy.agreement.register.RegisterEntry;
import dev.understudy.agreement.register.RegisterException;
import dev.understudy.agreement.register.RegisterException.Reason;
import dev.understudy.agreement.register.RegisterKey;
import dev.understudy.agreement.register.RegisterListing;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/** One replica's way to the {@link SimStore}: slow, lossy, cut, in its {@link SimVersion}. */
final class SimRegister implements Register {
  private static final long TIMEOUT = SimWorld.SECOND;

  private final SimWorld world;
  private final SimStore store;
  private final SimReplica replica;
  private final Map<List<Object>, RegisterDocument> own = new HashMap<>();
  boolean cut;
  boolean slow;

  /** Whether half of the responses to its writes are lost. */
  boolean losesAnswers;

  private @Nullable SimWatch running;

  SimRegister(SimWorld world, SimStore store, SimReplica replica) {
    this.world = world;
    this.store = store;
    this.replica = replica;
  }

  boolean isCut() {
    return cut || store.down;
  }

  @Override
  public String description() {
    return "simulated store";
  }

  @Override
  public CompletableFuture<RegisterListing> list() {
    return call(
        () -> {
          RegisterListing all = store.list();
          return new RegisterListing(
              all.entries().stream().map(this::read).toList(), all.revision());
        });
  }

  @Override
  public CompletableFuture<Optional<RegisterEntry>> get(RegisterKey key) {
    return call(() -> Optional.ofNullable(store.get(key)).map(this::read));
  }

  @Override
  public CompletableFuture<Long> compareAndSet(
      RegisterKey key, RegisterDocument document, long expected) {
    boolean lost = losesAnswers && world.chance(50);
    return call(
        lost,
        () -> {
          RegisterEntry before = store.get(key);
          RegisterDocument written = replica.version.write(key.kind(), document);
          long revision = store.compareAndSet(key, written, expected);
          if (revision == 0) {
            throw new RegisterException(Reason.CONFLICT, "another revision");
          }
          replica.version.checkCarried(before, written);
          if (key.kind() == RegisterKey.Kind.VOTER) {
            own.put(List.of(key, revision), document);
          }
          return revision;
        });
  }

  @Override
  public CompletableFuture<Void> delete(RegisterKey key, long expected) {
    return call(
        () -> {
          store.delete(key, expected);
          return null;
        });
  }

  /** What it wrote itself it reads as it meant it, in whichever version. */
  private RegisterEntry read(RegisterEntry entry) {
    RegisterDocument meant = own.get(List.of(entry.key(), entry.revision()));
    return meant == null
        ? replica.version.read(entry)
        : new RegisterEntry(entry.key(), entry.revision(), meant);
  }

  private long latency() {
    if (slow) {
      return world.millis(100, 600);
    }
    return world.chance(2) ? world.millis(10, 80) : world.millis(1, 8);
  }

  private <T> CompletableFuture<T> call(Supplier<T> action) {
    return call(false, action);
  }

  /**
   * @param lost whether nobody hears of what becomes of it
   */
  private <T> CompletableFuture<T> call(boolean lost, Supplier<T> action) {
    CompletableFuture<T> result = new CompletableFuture<>();
    long deadline = world.now() + TIMEOUT;
    CompletableFuture<T> told = lost ? new CompletableFuture<>() : result;
    world.in(latency(), () -> arrive(action, told));
    world.at(
        deadline,
        () ->
            replica.deliver(
                () ->
                    result.completeExceptionally(
                        new RegisterException(Reason.UNCERTAIN, "no response in 1 s"))));
    return result;
  }

  private <T> void arrive(Supplier<T> action, CompletableFuture<T> result) {
    if (isCut()) {
      return;
    }
    if (world.chance(1) && slow) {
      fail(result, new RegisterException(Reason.UNCERTAIN, "status 500"));
      return;
    }
    T value;
    try {
      value = action.get();
    } catch (RegisterException e) {
      fail(result, e);
      return;
    }
    world.in(
        latency(),
        () -> {
          if (!isCut()) {
            replica.deliver(() -> result.complete(value));
          }
        });
  }

  private <T> void fail(CompletableFuture<T> result, RegisterException failure) {
    world.in(
        latency(),
        () -> {
          if (!isCut()) {
            replica.deliver(() -> result.completeExceptionally(failure));
          }
        });
  }

  @Override
  public Watch watch(long revision, WatchListener listener) {
    SimWatch watch = new SimWatch(listener);
    running = watch;
    world.in(latency(), () -> watch.open(revision));
    return watch;
  }

  /** The connection of the watch that runs is gone, and nobody says so. */
  void loseWatch() {
    if (running != null) {
      running.lost = true;
    }
  }

  /** The connection of the watch that runs is reset. */
  void breakWatch() {
    SimWatch watch = running;
    if (watch != null && !watch.closed) {
      watch.end(Reason.UNCERTAIN);
    }
  }

  @Override
  public void close() {
    if (running != null) {
      running.close();
    }
  }

  private final class SimWatch implements Watch {
    private final WatchListener listener;
    private Runnable unsubscribe = () -> {};
    private long lastDelivery;
    private boolean closed;
    private boolean lost;

    SimWatch(WatchListener listener) {
      this.listener = listener;
    }

    void open(long from) {
      if (closed) {
        return;
      }
      if (isCut()) {
        // The connection cannot be made.
        world.in(TIMEOUT, () -> end(Reason.UNCERTAIN));
        return;
      }
      if (store.isGone(from)) {
        end(Reason.GONE);
        return;
      }
      store.since(from).forEach(this::tell);
      unsubscribe = store.watch(this::tell, () -> end(Reason.UNCERTAIN));
    }

    private void tell(SimStore.Change change) {
      lastDelivery = Math.max(lastDelivery, world.now() + latency());
      world.at(lastDelivery, () -> arrive(change));
    }

    private void arrive(SimStore.Change change) {
      if (closed || lost) {
        return;
      }
      if (isCut()) {
        lost = true; // What is not delivered never will be: the connection is dead.
        return;
      }
      replica.deliver(
          () -> {
            if (!closed) {
              RegisterDocument document = change.document();
              if (document == null) {
                listener.deleted(change.key(), change.revision());
              } else {
                listener.changed(
                    read(new RegisterEntry(change.key(), change.revision(), document)));
              }
            }
          });
    }

    private void end(Reason reason) {
      unsubscribe.run();
      replica.deliver(
          () -> {
            if (!closed) {
              closed = true;
              listener.ended(new RegisterException(reason, "the watch ended"));
            }
          });
    }

    @Override
    public void close() {
      closed = true;
      unsubscribe.run();
    }
  }
}
