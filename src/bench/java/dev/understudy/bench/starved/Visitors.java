package dev.understudy.bench.starved;

import dev.understudy.bench.peer.Site;
import dev.understudy.scenario.HttpConnection;
import dev.understudy.scenario.HttpConnection.Answer;
import java.io.IOException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.LockSupport;
import org.jspecify.annotations.Nullable;

/**
 * A client for each pool: a connection, and a request on it every second; the next connection when
 * that one ended or gave no response for so long that a user would have gone.
 */
final class Visitors implements AutoCloseable {
  private static final long INTERVAL_NANOS = TimeUnit.SECONDS.toNanos(1);
  private static final Duration PATIENCE = Duration.ofSeconds(5);
  private static final int OK = 200;

  private final int port;
  private final List<Visitor> all = new ArrayList<>();
  private final List<Thread> threads = new ArrayList<>();
  private volatile boolean stopping;

  /**
   * What the clients of one pool have seen last.
   *
   * @param body of the last response; null: it was none with 200
   * @param sinceNanos when the unbroken row of such responses began
   * @param lost requests without a response with 200 so far
   */
  record View(@Nullable String body, long sinceNanos, long lost) {
    static final View NONE = new View(null, 0, 0);

    View next(@Nullable String seen, long now) {
      boolean same = seen != null && seen.equals(body);
      return new View(seen, same ? sinceNanos : now, lost + (seen == null ? 1 : 0));
    }
  }

  private Visitors(int port) {
    this.port = port;
  }

  /** Starts those of so many pools, spread over an interval. */
  static Visitors start(int port, int pools) {
    Visitors visitors = new Visitors(port);
    long begin = System.nanoTime();
    for (int pool = 0; pool < pools; pool++) {
      Visitor visitor = visitors.new Visitor(pool, begin + INTERVAL_NANOS * pool / pools);
      visitors.all.add(visitor);
      visitors.threads.add(Thread.startVirtualThread(visitor));
    }
    return visitors;
  }

  /** Of each pool in order. */
  List<View> views() {
    return all.stream().map(visitor -> visitor.view).toList();
  }

  @Override
  public void close() throws InterruptedException {
    stopping = true;
    for (Visitor visitor : all) {
      visitor.hangUp();
    }
    for (Thread thread : threads) {
      LockSupport.unpark(thread);
      thread.join();
    }
  }

  /** One client. */
  private final class Visitor implements Runnable {
    private final String host;
    private final long begin;
    private volatile View view = View.NONE;
    private volatile @Nullable HttpConnection connection;

    Visitor(int pool, long begin) {
      host = "Host: " + Site.host(pool);
      this.begin = begin;
    }

    @Override
    public void run() {
      long due = begin;
      while (!stopping) {
        long wait = due - System.nanoTime();
        if (wait > 0) {
          LockSupport.parkNanos(wait);
          continue;
        }
        String seen = ask();
        if (!stopping) {
          view = view.next(seen, System.nanoTime());
        }
        due = Math.max(due + INTERVAL_NANOS, System.nanoTime());
      }
      hangUp();
    }

    private @Nullable String ask() {
      try {
        HttpConnection open = connection;
        if (open == null) {
          open = new HttpConnection(port);
          open.setPatience(PATIENCE);
          connection = open;
        }
        Answer answer = open.send("GET", "/", "", host);
        if (!open.reusable()) {
          hangUp();
        }
        return answer.status() == OK ? answer.body() : null;
      } catch (IOException e) {
        hangUp();
        return null;
      }
    }

    private void hangUp() {
      HttpConnection open = connection;
      connection = null;
      try {
        if (open != null) {
          open.close();
        }
      } catch (IOException e) {
        // It is gone in any case.
      }
    }
  }
}
