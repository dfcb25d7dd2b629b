package dev.understudy.proxy.filter;

import dev.understudy.proxy.engine.LocalResponse;
import dev.understudy.traffic.RequestEnd;
import java.time.Duration;
import java.util.concurrent.CompletableFuture;
import java.util.function.Function;

/** What a filter decides of a request, which the lane then does: it goes on, ends or waits. */
public sealed interface FilterResult {
  /** The request goes on to the next filter. */
  FilterResult PASS = new Pass();

  /** See {@link #PASS}. */
  record Pass() implements FilterResult {}

  /**
   * The request ends with a local response.
   *
   * @param end as what the request is counted
   */
  record Responded(LocalResponse response, RequestEnd end) implements FilterResult {}

  /** The request ends with a redirect. */
  record Redirected(int status, String location) implements FilterResult {}

  /** The request ends without a response. */
  record Aborted() implements FilterResult {}

  /** The request ends with an error response after some time. */
  record Delayed(int status, Duration time) implements FilterResult {}

  /**
   * The request waits for a result from elsewhere.
   *
   * @param awaited never fails; may be completed on any thread; cancelled if nobody waits any more
   * @param then gives the filter's result on the request's event loop; it is not another such one
   */
  record Waiting<T>(CompletableFuture<T> awaited, Function<T, FilterResult> then)
      implements FilterResult {}

  /** The result that follows from another one, which the request waits for if need be. */
  static <T> FilterResult after(CompletableFuture<T> awaited, Function<T, FilterResult> then) {
    return awaited.isDone() ? then.apply(awaited.join()) : new Waiting<>(awaited, then);
  }
}
