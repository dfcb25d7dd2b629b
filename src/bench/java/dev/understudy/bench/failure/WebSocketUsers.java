package dev.understudy.bench.failure;

import dev.understudy.bench.failure.TunnelAccount.Life;
import dev.understudy.scenario.TunnelClients;
import dev.understudy.testing.Await;
import java.net.http.HttpClient;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletionException;

/** Clients that each keep one WebSocket open: when it ends, they open the next at once. */
final class WebSocketUsers implements AutoCloseable {
  /** Between two tries to connect; the first comes without a pause. */
  private static final Duration PAUSE = Duration.ofMillis(20);

  private final HttpClient http = HttpClient.newHttpClient();
  private final int port;
  private final List<List<Life>> users = new ArrayList<>();
  private final List<Thread> threads = new ArrayList<>();
  private volatile boolean stopping;

  private WebSocketUsers(int port) {
    this.port = port;
  }

  /** Starts that many and waits until each has been greeted by a server. */
  static WebSocketUsers open(int port, int count) {
    WebSocketUsers all = new WebSocketUsers(port);
    for (int i = 0; i < count; i++) {
      List<Life> lives = new ArrayList<>();
      all.users.add(lives);
      all.threads.add(Thread.startVirtualThread(() -> all.live(lives)));
    }
    Await.until("every WebSocket is open", () -> all.lives().stream().noneMatch(List::isEmpty));
    return all;
  }

  private void live(List<Life> lives) {
    while (!stopping) {
      try {
        TunnelClients.Client client = TunnelClients.connect(http, port).join();
        String server = client.server().join();
        long opened = System.nanoTime();
        keep(lives, new Life(server, opened, Long.MAX_VALUE, 0), false);
        int closed = client.closed().join();
        int code = closed < 0 ? TunnelAccount.NO_CLOSE_FRAME : closed;
        keep(lives, new Life(server, opened, System.nanoTime(), code), true);
      } catch (CompletionException refused) {
        pause();
      }
    }
  }

  private void keep(List<Life> lives, Life life, boolean ended) {
    synchronized (users) {
      if (stopping) {
        return;
      }
      if (ended) {
        lives.removeLast();
      }
      lives.add(life);
    }
  }

  private static void pause() {
    try {
      Thread.sleep(PAUSE);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }

  /** All connections of each so far. */
  List<List<Life>> lives() {
    synchronized (users) {
      return users.stream().map(List::copyOf).toList();
    }
  }

  /** Waits until the newest connection of each is one with that server, at most so long. */
  void awaitAllAt(String server, Duration patience) {
    long end = System.nanoTime() + patience.toNanos();
    while (System.nanoTime() - end < 0
        && !lives().stream().allMatch(lives -> isAt(server, lives.getLast()))) {
      pause();
    }
  }

  private static boolean isAt(String server, Life life) {
    return life.endedNanos() == Long.MAX_VALUE && life.server().equals(server);
  }

  @Override
  public void close() throws InterruptedException {
    synchronized (users) {
      stopping = true;
    }
    http.shutdownNow();
    for (Thread thread : threads) {
      thread.join();
    }
  }
}
