package dev.understudy.testing;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.concurrent.Callable;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.FutureTask;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicReference;
import java.util.function.Predicate;
import org.jspecify.annotations.Nullable;
import org.springframework.cloud.gateway.handler.predicate.AbstractRoutePredicateFactory;
import org.springframework.web.server.ServerWebExchange;

/**
 * Always matches; when it is held, the next who makes a route with it waits until the test lets go:
 * a refresh that has read the definitions, and is not through with them.
 */
public final class HeldRoutePredicateFactory extends AbstractRoutePredicateFactory<Object> {
  private static final long PATIENCE_SECONDS = 20;

  private record Hold(CountDownLatch reached, CountDownLatch released) {}

  private final AtomicReference<@Nullable Hold> next = new AtomicReference<>();
  private volatile CountDownLatch released = new CountDownLatch(0);

  public HeldRoutePredicateFactory() {
    super(Object.class);
  }

  @Override
  public Predicate<ServerWebExchange> apply(Object config) {
    Hold mine = next.getAndSet(null);
    if (mine != null) {
      mine.reached.countDown();
      Await.open("the hold is released", mine.released);
    }
    return exchange -> true;
  }

  /**
   * Does this while the refresh is held, which then goes on.
   *
   * @return when both have ended
   */
  public <T> T during(Runnable refresh, Callable<T> deed) throws Exception {
    Hold hold = new Hold(new CountDownLatch(1), new CountDownLatch(1));
    released = hold.released;
    next.set(hold);
    FutureTask<Boolean> refreshing = new FutureTask<>(refresh, true);
    Thread.ofPlatform().start(refreshing);
    try {
      Await.open("the hold is reached", hold.reached);
      return deed.call();
    } finally {
      letGo();
      assertThat(refreshing.get(PATIENCE_SECONDS, TimeUnit.SECONDS)).isTrue();
    }
  }

  /** The same with what may wait for the refresh: it goes on then. */
  public <T> T duringWhatMayWait(Runnable refresh, Callable<T> deed) throws Exception {
    FutureTask<T> doing = new FutureTask<>(deed);
    Thread thread = Thread.ofPlatform().unstarted(doing);
    Callable<Boolean> begun =
        () -> {
          thread.start();
          Await.until("done, or waiting", () -> doing.isDone() || isBlocked(thread));
          return true;
        };
    assertThat(during(refresh, begun)).isTrue();
    return doing.get(PATIENCE_SECONDS, TimeUnit.SECONDS);
  }

  /** Whether it waits for a lock. */
  public static boolean isBlocked(Thread thread) {
    return thread.getState() == Thread.State.BLOCKED;
  }

  /** Who is held goes on. */
  public void letGo() {
    released.countDown();
  }
}
