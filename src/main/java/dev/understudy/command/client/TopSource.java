package dev.understudy.command.client;

import dev.understudy.status.ReplicaView;
import java.time.Duration;
import org.jspecify.annotations.Nullable;

/**
 * Reads the overview every two seconds on a thread of its own, so that keys work while a replica
 * does not respond.
 */
final class TopSource implements AutoCloseable {
  private static final Duration PERIOD = Duration.ofSeconds(2);

  /**
   * The newest state.
   *
   * @param overview the last one that came
   * @param at when it came, {@link System#nanoTime}
   * @param failure why the last attempt failed; null if it did not
   */
  record Newest(ReplicaView overview, long at, @Nullable String failure) {}

  private final ManagementApi api;
  private final Thread thread = new Thread(this::run, "overview");
  private volatile Newest newest;
  private volatile boolean closed;

  private TopSource(ManagementApi api, ReplicaView first) {
    this.api = api;
    newest = new Newest(first, System.nanoTime(), null);
  }

  static TopSource start(ManagementApi api, ReplicaView first) {
    TopSource source = new TopSource(api, first);
    source.thread.setDaemon(true);
    source.thread.start();
    return source;
  }

  Newest newest() {
    return newest;
  }

  private void run() {
    try {
      while (!closed) {
        Thread.sleep(PERIOD.toMillis());
        try {
          newest = new Newest(api.overview(), System.nanoTime(), null);
        } catch (ClientFailure e) {
          newest = new Newest(newest.overview(), newest.at(), e.line());
        }
      }
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }

  @Override
  public void close() {
    closed = true;
    thread.interrupt();
  }
}
