package dev.understudy.agreement.quorum;

import dev.understudy.agreement.register.MemoryRegister;
import dev.understudy.agreement.register.MemoryStore;
import dev.understudy.agreement.register.Register;
import dev.understudy.agreement.register.RegisterDocument;
import dev.understudy.agreement.register.RegisterEntry;
import dev.understudy.agreement.register.RegisterException;
import dev.understudy.agreement.register.RegisterException.Reason;
import dev.understudy.agreement.register.RegisterKey;
import dev.understudy.agreement.register.RegisterListing;
import dev.understudy.testing.FakeLoop;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.function.Supplier;

/** One replica's line to the store that all replicas share; the test disturbs it. */
final class Line implements Register {
  static final String INSTALLATION = "understudy";
  private static final Duration TIMEOUT = Duration.ofSeconds(1);

  private final FakeLoop loop;
  private final MemoryRegister register;

  /** Nothing gets through; calls end by their time-out. */
  boolean cut;

  /** Writes are carried out, but their responses are lost. */
  boolean responsesLost;

  /** Writes are refused. */
  boolean readOnly;

  /** Watches are silent. */
  boolean deaf;

  final List<String> announced = new ArrayList<>();

  /** How long writes are under way before they are carried out; zero: not at all. */
  Duration delay = Duration.ZERO;

  /** All writes. */
  int writes;

  int lists;
  int watches;

  /** Writes of pools' records. */
  int recordWrites;

  Line(FakeLoop loop, MemoryStore store) {
    this.loop = loop;
    this.register = new MemoryRegister(store, INSTALLATION, loop::execute);
  }

  @Override
  public String description() {
    return "store of the test";
  }

  @Override
  public CompletableFuture<RegisterListing> list() {
    lists++;
    return cut ? timedOut() : register.list();
  }

  @Override
  public CompletableFuture<Optional<RegisterEntry>> get(RegisterKey key) {
    return cut ? timedOut() : register.get(key);
  }

  @Override
  public CompletableFuture<Long> compareAndSet(
      RegisterKey key, RegisterDocument document, long expected) {
    recordWrites += key.kind() == RegisterKey.Kind.POOL ? 1 : 0;
    return write(() -> register.compareAndSet(key, document, expected));
  }

  @Override
  public CompletableFuture<Void> delete(RegisterKey key, long expected) {
    return write(() -> register.delete(key, expected));
  }

  private <T> CompletableFuture<T> write(Supplier<CompletableFuture<T>> call) {
    writes++;
    return delay.isZero()
        ? writeNow(call)
        : CompletableFuture.supplyAsync(() -> call, write -> loop.schedule(delay, write))
            .thenCompose(this::writeNow);
  }

  private <T> CompletableFuture<T> writeNow(Supplier<CompletableFuture<T>> call) {
    if (cut) {
      return timedOut();
    }
    if (readOnly) {
      return CompletableFuture.failedFuture(new RegisterException(Reason.REFUSED, "forbidden"));
    }
    CompletableFuture<T> response = call.get();
    return responsesLost ? timedOut() : response;
  }

  private <T> CompletableFuture<T> timedOut() {
    CompletableFuture<T> call = new CompletableFuture<>();
    loop.schedule(
        TIMEOUT,
        () ->
            call.completeExceptionally(new RegisterException(Reason.UNCERTAIN, "no answer in 1s")));
    return call;
  }

  @Override
  public Watch watch(long revision, WatchListener listener) {
    watches++;
    return register.watch(revision, new Filtered(listener));
  }

  @Override
  public void announce(RegisterKey about, String reason, String message, boolean warning) {
    announced.add(reason + ": " + message);
  }

  @Override
  public void close() {
    register.close();
  }

  /** One that missed something is dead: no watch leaves anything out. */
  private final class Filtered implements WatchListener {
    private final WatchListener listener;
    private boolean dead;

    Filtered(WatchListener listener) {
      this.listener = listener;
    }

    @Override
    public void changed(RegisterEntry entry) {
      pass(() -> listener.changed(entry));
    }

    @Override
    public void deleted(RegisterKey key, long revision) {
      pass(() -> listener.deleted(key, revision));
    }

    @Override
    public void progress(long revision) {
      pass(() -> listener.progress(revision));
    }

    @Override
    public void ended(RegisterException why) {
      pass(() -> listener.ended(why));
    }

    private void pass(Runnable news) {
      dead |= cut || deaf;
      if (!dead) {
        news.run();
      }
    }
  }
}
