package dev.understudy.event;

import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.function.Consumer;
import java.util.function.ToLongFunction;
import org.slf4j.Logger;

/**
 * The listeners that are called for each item of news. If one throws, that is logged, and the
 * others are still called. Safe for any thread.
 */
public final class Subscribers<T> {
  private final List<Consumer<T>> all = new CopyOnWriteArrayList<>();
  private final Logger log;
  private final String what;
  private final ToLongFunction<T> number;

  /**
   * Creates it without subscribers.
   *
   * @param what the word for an item, and {@code number} its number, for the log
   */
  public Subscribers(Logger log, String what, ToLongFunction<T> number) {
    this.log = log;
    this.what = what;
    this.number = number;
  }

  /**
   * Adds a listener; the same one may subscribe twice.
   *
   * @return ends the subscription when run
   */
  public Runnable add(Consumer<T> listener) {
    Consumer<T> subscription = news -> call(listener, news);
    all.add(subscription);
    return () -> all.remove(subscription);
  }

  /** Calls all, in the order of their subscription. */
  public void accept(T news) {
    all.forEach(subscription -> subscription.accept(news));
  }

  private void call(Consumer<T> listener, T news) {
    try {
      listener.accept(news);
    } catch (Throwable e) {
      // Errors too: the caller is in the middle of a change.
      log.error("A listener failed on {} {}", what, number.applyAsLong(news), e);
    }
  }
}
