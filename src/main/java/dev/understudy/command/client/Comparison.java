package dev.understudy.command.client;

import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.Semaphore;
import java.util.concurrent.TimeUnit;

/**
 * Sends requests to two proxies and compares what they respond.
 *
 * @param host the value of {@code Host} for both
 * @param ignored fields that do not count, in lower case
 * @param concurrency the most requests at a time
 * @param rate the most requests in a second
 */
record Comparison(
    ComparedProxy first,
    ComparedProxy second,
    String host,
    Set<String> ignored,
    int concurrency,
    int rate) {
  /**
   * What came of one request.
   *
   * @param isAnswered whether a proxy responded
   */
  record Outcome(
      ComparedRequest request, List<ResponseDifference> differences, boolean isAnswered) {
    Outcome {
      differences = List.copyOf(differences);
    }
  }

  /** Compares all requests; the outcomes are in their order. */
  List<Outcome> run(List<ComparedRequest> requests) throws InterruptedException {
    List<Future<Outcome>> begun = new ArrayList<>();
    Semaphore places = new Semaphore(concurrency);
    long next = System.nanoTime();
    try (ExecutorService threads = Executors.newVirtualThreadPerTaskExecutor()) {
      for (ComparedRequest each : requests) {
        places.acquire();
        TimeUnit.NANOSECONDS.sleep(next - System.nanoTime());
        next = Math.max(next, System.nanoTime()) + TimeUnit.SECONDS.toNanos(1) / rate;
        begun.add(
            threads.submit(
                () -> {
                  try {
                    return compare(each);
                  } finally {
                    places.release();
                  }
                }));
      }
      List<Outcome> outcomes = new ArrayList<>();
      for (Future<Outcome> each : begun) {
        outcomes.add(each.get());
      }
      return outcomes;
    } catch (ExecutionException e) {
      throw new IllegalStateException(e.getCause());
    }
  }

  private Outcome compare(ComparedRequest request) {
    ComparedResponse one = first.send(request, host);
    ComparedResponse other = second.send(request, host);
    return new Outcome(
        request,
        ResponseDifference.between(request, one, other, ignored),
        one.isWhole() || other.isWhole());
  }
}
