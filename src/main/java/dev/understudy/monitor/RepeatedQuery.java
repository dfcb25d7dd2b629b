package dev.understudy.monitor;

import dev.understudy.agreement.DecisionThread;
import java.time.Duration;
import java.util.List;
import java.util.function.BiConsumer;
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

  private final String name;
  private final BiConsumer<String, Consumer<List<T>>> resolver;
  private final Scheduler scheduler;
  private final Duration refresh;
  private final Consumer<List<T>> found;
  // Results of any but the newest question are dropped.
  private long questions;
  private DecisionThread.Timer timer = () -> {};

  /**
   * Creates a query that asks nothing before {@link #ask}.
   *
   * @param resolver begins one query, and calls back from any thread
   * @param refresh time between a result and the next query
   * @param found called on the monitor's thread with each result
   */
  RepeatedQuery(
      String name,
      BiConsumer<String, Consumer<List<T>>> resolver,
      Scheduler scheduler,
      Duration refresh,
      Consumer<List<T>> found) {
    this.name = name;
    this.resolver = resolver;
    this.scheduler = scheduler;
    this.refresh = refresh;
    this.found = found;
  }

  void ask() {
    long question = ++questions;
    timer = scheduler.schedule(TIMEOUT, () -> answered(question, List.of()));
    try {
      resolver.accept(name, records -> scheduler.execute(() -> answered(question, records)));
    } catch (RuntimeException e) {
      log.error("{} could not be resolved", name, e);
      scheduler.execute(() -> answered(question, List.of()));
    }
  }

  void stop() {
    questions++;
    timer.cancel();
  }

  private void answered(long question, List<T> records) {
    if (question != questions) {
      return;
    }
    stop();
    timer = scheduler.schedule(refresh, this::ask);
    found.accept(records);
  }
}
