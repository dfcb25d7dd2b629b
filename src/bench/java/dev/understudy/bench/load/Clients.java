package dev.understudy.bench.load;

import java.time.Duration;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.function.Supplier;

/** A number of connected clients. */
public final class Clients implements AutoCloseable {
  private static final Duration PATIENCE = Duration.ofSeconds(30);

  private final Course course;

  Clients(Course course) throws InterruptedException {
    this.course = course;
    await(course::open, Duration.ZERO);
  }

  /** Each client sends its next request on each response. */
  public Measured saturate(Duration time) throws InterruptedException {
    return await(() -> course.run(0, time, Long.MAX_VALUE), time);
  }

  /**
   * The same until there were so many responses.
   *
   * @param patience after which it ends anyway
   */
  public Measured saturate(int responses, Duration patience) throws InterruptedException {
    return await(() -> course.run(0, patience, responses), patience);
  }

  /** Together they send so many requests each second, evenly. */
  public Measured pace(int perSecond, Duration time) throws InterruptedException {
    return await(
        () -> course.run(TimeUnit.SECONDS.toNanos(1) / perSecond, time, Long.MAX_VALUE), time);
  }

  /** The same with an observer. */
  public Measured pace(int perSecond, Duration time, Observer observer)
      throws InterruptedException {
    long interval = TimeUnit.SECONDS.toNanos(1) / perSecond;
    return await(() -> course.run(interval, time, Long.MAX_VALUE, observer), time);
  }

  @Override
  public void close() throws InterruptedException {
    await(course::close, Duration.ZERO);
  }

  private static <T> T await(Supplier<CompletableFuture<T>> step, Duration planned)
      throws InterruptedException {
    try {
      return step.get().get(planned.plus(PATIENCE).toMillis(), TimeUnit.MILLISECONDS);
    } catch (ExecutionException e) {
      throw new IllegalStateException(e.getCause());
    } catch (TimeoutException e) {
      throw new IllegalStateException("the clients are not done after " + PATIENCE, e);
    }
  }
}
