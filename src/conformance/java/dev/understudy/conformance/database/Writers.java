package dev.understudy.conformance.database;

import dev.understudy.testing.Await;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.concurrent.atomic.AtomicLong;
import java.util.stream.LongStream;

/**
 * Clients that write one numbered value after the other, and connect anew after each failure.
 *
 * <p>Each number is sent once at most, and counts as written only if the database has said so.
 */
final class Writers implements AutoCloseable {
  /** A connection to the database. */
  interface Session extends AutoCloseable {
    /** Writes a number; returns once the database has acknowledged it. */
    void write(long number) throws Exception;
  }

  /** Makes sessions. */
  interface Database {
    Session open() throws Exception;
  }

  /** An acknowledged number. */
  record Written(long number, long atNanos) {}

  private final Database database;
  private final AtomicLong numbers = new AtomicLong();
  private final AtomicLong failures = new AtomicLong();
  private final List<Written> written = Collections.synchronizedList(new ArrayList<>());
  private final List<Thread> threads = new ArrayList<>();
  private volatile boolean closed;

  Writers(int clients, Database database) {
    this.database = database;
    for (int i = 0; i < clients; i++) {
      threads.add(Thread.ofPlatform().name("writer-" + i).start(this::run));
    }
  }

  private void run() {
    while (!closed) {
      try (Session session = database.open()) {
        while (!closed) {
          long number = numbers.incrementAndGet();
          session.write(number);
          written.add(new Written(number, System.nanoTime()));
        }
      } catch (Exception e) {
        failures.incrementAndGet();
      }
    }
  }

  /** The newest number; all that are sent later are greater. */
  long newest() {
    return numbers.get();
  }

  long failures() {
    return failures.get();
  }

  List<Written> written() {
    synchronized (written) {
      return List.copyOf(written);
    }
  }

  /** Waits until that many of the numbers that are sent from now on are acknowledged. */
  void awaitMore(int count) {
    long from = newest();
    Await.until(
        count + " further writes",
        () -> written().stream().filter(each -> each.number() > from).count() >= count);
  }

  /** The longest time without an acknowledgement since the first one, in milliseconds. */
  long longestGapMillis() {
    return longestGapMillis(times().min().orElse(0));
  }

  /** The same since then, by {@link System#nanoTime}. */
  long longestGapMillis(long since) {
    long longest = 0;
    long last = since;
    for (long each : times().filter(time -> time >= since).sorted().toArray()) {
      longest = Math.max(longest, each - last);
      last = each;
    }
    return longest / 1_000_000;
  }

  private LongStream times() {
    return written().stream().mapToLong(Written::atNanos);
  }

  /** Ends all clients after their current write. */
  @Override
  public void close() throws InterruptedException {
    closed = true;
    for (Thread each : threads) {
      each.join();
    }
  }
}
