package dev.understudy.bench.growth;

import dev.understudy.scenario.HttpConnection;
import java.io.IOException;
import java.time.Duration;
import java.util.Arrays;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.LockSupport;

/** A proxy that is read while it grows. */
abstract class Subject implements AutoCloseable {
  /** Names the version of the configuration in each response. */
  static final String VERSION = "X-Version";

  private static final long STEP_NANOS = TimeUnit.MILLISECONDS.toNanos(2);
  private static final long PATIENCE_NANOS = TimeUnit.MINUTES.toNanos(2);
  private static final int OK = 200;

  /** How often each page is got; the median counts. */
  private static final int TIMES = 5;

  private final long begun = System.nanoTime();
  private int version;

  /**
   * How CPU time at rest is counted.
   *
   * @param age of the process from which on, so that its compilers are through
   * @param length of the time
   */
  record Rest(Duration age, Duration length) {}

  abstract String name();

  /** Of traffic. */
  abstract int port();

  /** Of metrics and pages. */
  abstract int managementPort();

  abstract long cpuNanos();

  abstract long rssBytes();

  /** NaN if it has none. */
  abstract double heapMegabytes() throws IOException, InterruptedException;

  abstract String metrics();

  abstract String page();

  /** Writes a configuration whose responses have this version, which is not in force yet. */
  abstract void prepare(int next) throws IOException;

  /** Has it take what was prepared. */
  abstract void configure() throws IOException;

  @Override
  public abstract void close();

  /**
   * Reads all of it.
   *
   * @param rest how CPU time at rest is counted
   */
  Reading read(int count, Rest rest, boolean reloads) throws IOException, InterruptedException {
    TimeUnit.NANOSECONDS.sleep(begun + rest.age().toNanos() - System.nanoTime());
    // The collection first: whatever it gives back is in no reading, or in each.
    double heap = heapMegabytes();
    double rss = rssBytes() / 1e6;
    long before = cpuNanos();
    TimeUnit.NANOSECONDS.sleep(rest.length().toNanos());
    double restPercent = 100.0 * (cpuNanos() - before) / rest.length().toNanos();
    double scrape = millis(metrics());
    double page = millis(page());
    double reload = reloads ? reloadMillis() : Double.NaN;
    return new Reading(count, rss, heap, restPercent, reload, scrape, page);
  }

  private double millis(String path) throws IOException {
    double[] took = new double[TIMES];
    for (int i = 0; i < TIMES; i++) {
      long begun = System.nanoTime();
      HttpConnection.Answer answer =
          HttpConnection.once(managementPort(), "GET", path, "Connection: close");
      took[i] = (System.nanoTime() - begun) / 1e6;
      if (answer.status() != OK) {
        throw new IOException(name() + ": GET " + path + ": " + answer.status());
      }
    }
    Arrays.sort(took);
    return took[TIMES / 2];
  }

  private double reloadMillis() throws IOException {
    version++;
    prepare(version);
    long begun = System.nanoTime();
    configure();
    while (!isInForce()) {
      if (System.nanoTime() - begun > PATIENCE_NANOS) {
        throw new IOException(name() + " does not take the new configuration");
      }
      LockSupport.parkNanos(STEP_NANOS);
    }
    return (System.nanoTime() - begun) / 1e6;
  }

  private boolean isInForce() {
    try {
      HttpConnection.Answer answer = HttpConnection.once(port(), "GET", "/1k", "Connection: close");
      return Integer.toString(version).equals(answer.headers().get("x-version"));
    } catch (IOException e) {
      return false;
    }
  }
}
