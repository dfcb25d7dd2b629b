package dev.understudy.monitor;

import dev.understudy.recurring.Recurring;
import java.time.Duration;
import java.util.List;
import java.util.function.Consumer;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Asks name servers for the records of one name again and again. A query that fails, or takes
 * longer than {@link #TIMEOUT}, has found none.
 */
final class RepeatedQuery<T> {
  static final Duration TIMEOUT = Duration.ofSeconds(5);

  private static final Logger log = LoggerFactory.getLogger(RepeatedQuery.class);

  /** Begins queries. */
  @FunctionalInterface
  interface Resolver<T> {
    /**
     * Begins one.
     *
     * @param done called at most once, from any thread
     * @return ends it
     */
    Runnable ask(String name, Consumer<List<T>> done);
  }

  private final String name;
  private final Resolver<T> resolver;
  private final Scheduler scheduler;
  private final Consumer<List<T>> found;
  private final Recurring queries;

  /**
   * Creates a query that asks nothing before {@link #ask}.
   *
   * @param refresh time between a result and the next query
   * @param found called on the monitor's thread with each result
   */
  RepeatedQuery(
      String name,
      Resolver<T> resolver,
      Scheduler scheduler,
      Duration refresh,
      Consumer<List<T>> found) {
    this.name = name;
    this.resolver = resolver;
    this.scheduler = scheduler;
    this.found = found;
    this.queries = new Recurring(scheduler, refresh, TIMEOUT, new Query());
  }

  void ask() {
    queries.start();
  }

  void stop() {
    queries.stop();
  }

  private final class Query implements Recurring.Work {
    @Override
    public Runnable begin(Recurring.Piece piece) {
      try {
        return resolver.ask(name, records -> scheduler.execute(() -> answered(piece, records)));
      } catch (RuntimeException e) {
        log.error("{} could not be resolved", name, e);
        scheduler.execute(() -> answered(piece, List.of()));
        return () -> {};
      }
    }

    @Override
    public void tookTooLong() {
      found.accept(List.of());
    }

    private void answered(Recurring.Piece piece, List<T> records) {
      if (piece.isInFlight()) {
        piece.ended();
        found.accept(records);
      }
    }
  }
}
