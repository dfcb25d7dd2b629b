package dev.understudy.proxy.eventloop;

import io.netty.channel.EventLoop;
import io.netty.util.concurrent.FastThreadLocal;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.RejectedExecutionException;
import java.util.function.Consumer;
import java.util.function.Function;

/**
 * One state for each event loop, created on first use. Thread-safe.
 *
 * @param <T> the state, used on its event loop only
 */
// Event loops are compared by identity.
@SuppressWarnings("ReferenceEquality")
public final class PerEventLoop<T> {
  private record Owned<T>(EventLoop loop, T state) {}

  private final Function<EventLoop, T> create;
  private final FastThreadLocal<Owned<T>> here = new FastThreadLocal<>();
  private final List<Owned<T>> all = new CopyOnWriteArrayList<>();

  /** Creates no state yet. */
  public PerEventLoop(Function<EventLoop, T> create) {
    this.create = create;
  }

  /** Returns the event loop's state. Call on that event loop. */
  public T on(EventLoop loop) {
    Owned<T> owned = here.getIfExists();
    if (owned == null || owned.loop() != loop) {
      owned = new Owned<>(loop, create.apply(loop));
      here.set(owned);
      all.add(owned);
    }
    return owned.state();
  }

  /**
   * Runs a task on an event loop; returns false if that has shut down, and its channels with it.
   */
  public static boolean run(EventLoop loop, Runnable task) {
    try {
      loop.execute(task);
      return true;
    } catch (RejectedExecutionException e) {
      return false;
    }
  }

  /** Runs the action for each state on its event loop; drops states whose loop has shut down. */
  public void runOnEach(Consumer<T> action) {
    all.removeIf(each -> !run(each.loop(), () -> action.accept(each.state())));
  }

  /**
   * Runs the action for each state on its event loop.
   *
   * @param action returns a stage that completes when the event loop has finished
   * @return completed when all event loops that have not shut down have finished or failed
   */
  public CompletableFuture<Void> finishOnEach(Function<T, CompletionStage<Void>> action) {
    List<CompletableFuture<Void>> finished = new ArrayList<>();
    for (Owned<T> each : all) {
      CompletableFuture<Void> end = new CompletableFuture<>();
      if (run(each.loop(), () -> finish(each.state(), action, end))) {
        finished.add(end);
      }
    }
    return CompletableFuture.allOf(finished.toArray(CompletableFuture[]::new));
  }

  private static <T> void finish(
      T state, Function<T, CompletionStage<Void>> action, CompletableFuture<Void> end) {
    try {
      var unused = action.apply(state).whenComplete((done, failed) -> end.complete(null));
    } catch (RuntimeException e) {
      end.complete(null);
      throw e;
    }
  }
}
