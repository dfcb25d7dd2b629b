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
import org.jspecify.annotations.Nullable;

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

  /** What each state ends with, those that are created later too; null while none does. */
  private volatile @Nullable Function<T, CompletionStage<Void>> ending;

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
      Function<T, CompletionStage<Void>> last = ending;
      if (last != null) {
        finish(owned.state(), last, new CompletableFuture<>());
      }
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
    return finishAll(List.copyOf(all), action);
  }

  /**
   * The same for each state that there is now and each that is created later, which gets the action
   * at once.
   *
   * @param action may be run again for the same state
   */
  public CompletableFuture<Void> endOnEach(Function<T, CompletionStage<Void>> action) {
    ending = action;
    return endAll(List.of(), action);
  }

  private CompletableFuture<Void> endAll(
      List<Owned<T>> ended, Function<T, CompletionStage<Void>> action) {
    List<Owned<T>> known = List.copyOf(all);
    List<Owned<T>> more = new ArrayList<>(known);
    more.removeAll(ended);
    return more.isEmpty()
        ? CompletableFuture.completedFuture(null)
        : finishAll(more, action).thenCompose(any -> endAll(known, action));
  }

  private static <T> CompletableFuture<Void> finishAll(
      List<Owned<T>> states, Function<T, CompletionStage<Void>> action) {
    List<CompletableFuture<Void>> finished = new ArrayList<>();
    for (Owned<T> each : states) {
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
