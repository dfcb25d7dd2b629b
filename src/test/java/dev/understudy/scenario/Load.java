package dev.understudy.scenario;

import dev.understudy.testing.Await;
import java.io.IOException;
import java.time.Duration;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Collection;
import java.util.Comparator;
import java.util.Deque;
import java.util.List;
import java.util.Queue;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.locks.LockSupport;
import org.jspecify.annotations.Nullable;

/**
 * Requests at a fixed rate, whatever becomes of the earlier ones: every fifth is a POST that the
 * server writes down. Connections are kept alive, as browsers keep them.
 */
public final class Load implements AutoCloseable {
  private static final Duration PERIOD = Duration.ofMillis(5);
  private static final int POST_EVERY = 5;

  /** One request and what became of it; status 0: no answer. */
  public record Sample(
      int id, boolean post, long startNanos, long endNanos, int status, String body) {
    public boolean ok() {
      return status == 200;
    }

    /** The id under which a server writes it down. */
    public String order() {
      return "o" + id;
    }
  }

  /** Less than any proxy keeps a silent client: nobody may close it just as we use it. */
  private static final long KEEP_NANOS = 2_000_000_000L;

  /** A connection between two requests. */
  private record Kept(HttpConnection connection, long sinceNanos) {}

  private final int port;
  private final long periodNanos;
  private final AtomicInteger ids;
  private final String[] fields;
  private final Deque<Kept> idle = new ArrayDeque<>();
  private final Queue<Sample> samples = new ConcurrentLinkedQueue<>();
  private final List<Thread> running = new ArrayList<>();
  private final Thread pacer;
  private final AtomicInteger postsUnderWay = new AtomicInteger();
  private volatile boolean getsOnly;
  private volatile boolean stopping;
  private boolean manyAddresses;

  /**
   * A load.
   *
   * @param period null: each request is a GET, and begins when the one before has ended
   */
  private Load(int port, @Nullable Duration period, AtomicInteger ids, String... fields) {
    this.port = port;
    this.periodNanos = period == null ? 0 : period.toNanos();
    this.ids = ids;
    this.fields = fields;
    this.pacer =
        Thread.ofPlatform().name("load").unstarted(period == null ? this::oneByOne : this::pace);
  }

  /** Starts 200 requests a second. */
  public static Load start(int port) {
    return start(port, "test");
  }

  /** The same, all of them for that host. */
  public static Load start(int port, String host) {
    return start(port, PERIOD, new AtomicInteger(), "Host: " + host);
  }

  /** Starts a request in each period, with the next of those ids and with those header fields. */
  public static Load start(int port, Duration period, AtomicInteger ids, String... fields) {
    Load load = new Load(port, period, ids, fields);
    load.pacer.start();
    return load;
  }

  /**
   * Starts a request in each period, on a connection of its own, from many client addresses: one
   * would run out of ports.
   */
  public static Load onNewConnections(int port, Duration period, AtomicInteger ids) {
    Load load = new Load(port, period, ids, "Host: test", "Connection: close");
    load.manyAddresses = true;
    load.pacer.start();
    return load;
  }

  /** Starts one client that sends GETs, each once it has the response to the one before. */
  public static Load oneByOne(int port, AtomicInteger ids, String... fields) {
    Load load = new Load(port, null, ids, fields);
    load.pacer.start();
    return load;
  }

  private void oneByOne() {
    while (!stopping) {
      request(ids.getAndIncrement(), false);
      LockSupport.parkNanos(PERIOD.toNanos());
    }
  }

  private void pace() {
    long start = System.nanoTime();
    for (int i = 0; !stopping; i++) {
      long due = start + i * periodNanos;
      while (System.nanoTime() - due < 0) {
        LockSupport.parkNanos(due - System.nanoTime());
      }
      int id = ids.getAndIncrement();
      boolean post = i % POST_EVERY == 0 && mayPost();
      running.add(Thread.startVirtualThread(() -> request(id, post)));
    }
  }

  private boolean mayPost() {
    // In this order: no POST begins once betweenPosts has seen that there is none.
    postsUnderWay.incrementAndGet();
    if (getsOnly) {
      postsUnderWay.decrementAndGet();
      return false;
    }
    return true;
  }

  /** Does that while no POST is under way; GETs go on, at the same rate. */
  public void betweenPosts(Runnable step) {
    getsOnly = true;
    Await.until("no POST is under way", () -> postsUnderWay.get() == 0);
    step.run();
    getsOnly = false;
  }

  private void request(int id, boolean post) {
    long start = System.nanoTime();
    int status = 0;
    String body = "";
    try {
      HttpConnection connection =
          manyAddresses ? new HttpConnection(port, "127.0.1." + (1 + id % 200)) : take();
      HttpConnection.Answer answer =
          post
              ? connection.send("POST", "/orders?id=o" + id, "order", fields)
              : connection.send("GET", "/whoami", "", fields);
      status = answer.status();
      body = answer.body();
      give(connection);
    } catch (IOException e) {
      body = e.toString();
    }
    if (post) {
      postsUnderWay.decrementAndGet();
    }
    samples.add(new Sample(id, post, start, System.nanoTime(), status, body));
  }

  private HttpConnection take() throws IOException {
    synchronized (idle) {
      while (!idle.isEmpty() && System.nanoTime() - idle.peekLast().sinceNanos() > KEEP_NANOS) {
        idle.removeLast().connection().close();
      }
      if (!idle.isEmpty()) {
        return idle.pop().connection();
      }
    }
    return new HttpConnection(port);
  }

  private void give(HttpConnection connection) throws IOException {
    if (!connection.reusable()) {
      connection.close();
      return;
    }
    synchronized (idle) {
      idle.push(new Kept(connection, System.nanoTime()));
    }
  }

  /** Those that have ended so far. */
  public Collection<Sample> samples() {
    return samples;
  }

  /** How many requests have ended so far. */
  public int ended() {
    return samples.size();
  }

  /** How many of those that ended so far were answered by that server. */
  public long answeredBy(String server) {
    return samples.stream().filter(Sample::ok).filter(s -> s.body().equals(server)).count();
  }

  /** Waits until {@code more} further requests have been answered by that server. */
  public void awaitAnswersOf(String server, int more) {
    long before = answeredBy(server);
    Await.until(
        server + " has answered " + more + " more requests",
        () -> answeredBy(server) >= before + more);
  }

  /** Sends no more; those under way go on. */
  public void stop() {
    stopping = true;
  }

  /** Stops, waits for those under way and returns all, in the order in which they were sent. */
  public List<Sample> finish() throws InterruptedException {
    stop();
    pacer.join();
    for (Thread thread : running) {
      thread.join();
    }
    return samples.stream().sorted(Comparator.comparingInt(Sample::id)).toList();
  }

  @Override
  public void close() throws InterruptedException, IOException {
    finish();
    synchronized (idle) {
      for (Kept kept : idle) {
        kept.connection().close();
      }
    }
  }

  /** The longest time without an answer, in milliseconds. */
  public static double longestGapMillis(List<Sample> samples) {
    long[] ends =
        samples.stream().filter(Sample::ok).mapToLong(Sample::endNanos).sorted().toArray();
    long longest = 0;
    for (int i = 1; i < ends.length; i++) {
      longest = Math.max(longest, ends[i] - ends[i - 1]);
    }
    return longest / 1e6;
  }

  /** The longest that an answer took, in milliseconds. */
  public static double worstMillis(List<Sample> samples) {
    return samples.stream().mapToLong(s -> s.endNanos() - s.startNanos()).max().orElse(0) / 1e6;
  }
}
