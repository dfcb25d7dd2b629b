package dev.understudy.bench.starved;

import dev.understudy.bench.peer.Site;
import dev.understudy.scenario.HttpConnection;
import dev.understudy.scenario.HttpConnection.Answer;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.Socket;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.LockSupport;
import org.jspecify.annotations.Nullable;

/**
 * A client for each pool: a connection, and one request after the other on it, at a fixed rate
 * unless a response takes longer; the next connection when that one ended or gave no response for
 * so long that a user would have gone.
 */
final class Visitors implements AutoCloseable {
  private static final long SECOND_NANOS = TimeUnit.SECONDS.toNanos(1);
  private static final Duration PATIENCE = Duration.ofSeconds(5);
  private static final int OK = 200;

  private final int port;
  private final long interval;
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

  private Visitors(int port, int rate) {
    this.port = port;
    interval = SECOND_NANOS / rate;
  }

  /**
   * Starts those of so many pools, spread over an interval.
   *
   * @param rate requests of each, each second
   */
  static Visitors start(int port, int pools, int rate) {
    Visitors visitors = new Visitors(port, rate);
    long begin = System.nanoTime();
    for (int pool = 0; pool < pools; pool++) {
      Visitor visitor = visitors.new Visitor(pool, begin + visitors.interval * pool / pools);
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
        due = Math.max(due + interval, System.nanoTime());
      }
      hangUp();
    }

    private @Nullable String ask() {
      try {
        HttpConnection open = connection;
        if (open == null) {
          open = connect();
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

    private HttpConnection connect() throws IOException {
      Socket socket = new Socket();
      socket.connect(
          new InetSocketAddress(InetAddress.getLoopbackAddress(), port), (int) PATIENCE.toMillis());
      HttpConnection open = HttpConnection.over(socket);
      open.setPatience(PATIENCE);
      return open;
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
