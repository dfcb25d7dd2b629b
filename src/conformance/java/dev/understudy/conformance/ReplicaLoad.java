package dev.understudy.conformance;

import dev.understudy.scenario.HttpConnection;
import java.io.IOException;
import java.util.ArrayDeque;
import java.util.Comparator;
import java.util.Deque;
import java.util.List;
import java.util.Queue;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.locks.LockSupport;

/** Requests at a fixed rate through one replica; every fifth is a POST with an order of its own. */
final class ReplicaLoad implements AutoCloseable {
  private static final long PERIOD_NANOS = 15_000_000;
  private static final int POST_EVERY = 5;
  private static final long KEEP_NANOS = 2_000_000_000L;
  private static final AtomicInteger ORDERS = new AtomicInteger();

  /** One request and what became of it; status 0: no response. */
  record Sample(
      String replica,
      boolean post,
      String order,
      long startNanos,
      long endNanos,
      int status,
      String body) {
    boolean ok() {
      return status == 200;
    }
  }

  private record Kept(HttpConnection connection, long sinceNanos) {}

  private final String replica;
  private final int port;
  private final Deque<Kept> idle = new ArrayDeque<>();
  private final Queue<Sample> samples = new ConcurrentLinkedQueue<>();
  private final Set<Thread> running = ConcurrentHashMap.newKeySet();
  private final Thread pacer = Thread.ofPlatform().name("load").unstarted(this::pace);
  private volatile boolean stopping;

  private ReplicaLoad(String replica, int port) {
    this.replica = replica;
    this.port = port;
  }

  static ReplicaLoad start(Replica replica) {
    ReplicaLoad load = new ReplicaLoad(replica.name(), replica.process().port());
    load.pacer.start();
    return load;
  }

  String replica() {
    return replica;
  }

  private void pace() {
    long start = System.nanoTime();
    for (int i = 0; !stopping; i++) {
      long due = start + i * PERIOD_NANOS;
      while (System.nanoTime() - due < 0) {
        LockSupport.parkNanos(due - System.nanoTime());
      }
      boolean post = i % POST_EVERY == 0;
      Thread thread = Thread.ofVirtual().unstarted(() -> request(post));
      running.add(thread);
      thread.start();
    }
  }

  private void request(boolean post) {
    String order = post ? "o" + ORDERS.incrementAndGet() : "";
    long start = System.nanoTime();
    int status = 0;
    String body;
    try {
      HttpConnection connection = take();
      HttpConnection.Answer response =
          post
              ? connection.send("POST", "/orders?id=" + order, "order", "X-Replica: " + replica)
              : connection.send("GET", "/whoami", "", "X-Replica: " + replica);
      status = response.status();
      body = response.body();
      give(connection);
    } catch (IOException e) {
      body = e.toString();
    }
    samples.add(new Sample(replica, post, order, start, System.nanoTime(), status, body));
    running.remove(Thread.currentThread());
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

  /** The number of responses of that server so far. */
  long responsesOf(String server) {
    return samples.stream().filter(s -> s.ok() && s.body().equals(server)).count();
  }

  /** The longest time without a good response, from then until now. */
  long longestGapSince(long from) {
    long before = from;
    long longest = 0;
    List<Sample> good =
        samples.stream()
            .filter(s -> s.ok() && s.endNanos() - from >= 0)
            .sorted(Comparator.comparingLong(Sample::endNanos))
            .toList();
    for (Sample sample : good) {
      longest = Math.max(longest, sample.endNanos() - before);
      before = sample.endNanos();
    }
    return longest;
  }

  /** Sends no more; those under way go on. */
  void stop() {
    stopping = true;
  }

  /** Stops, waits for those under way and returns all, in the order of their ends. */
  List<Sample> finish() throws InterruptedException {
    stop();
    pacer.join();
    for (Thread thread : running) {
      thread.join();
    }
    return samples.stream().sorted(Comparator.comparingLong(Sample::endNanos)).toList();
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
}
