package dev.understudy.systemd;

import io.netty.channel.EventLoop;
import java.time.Duration;
import java.util.concurrent.TimeUnit;
import java.util.function.BooleanSupplier;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/** What is sent when. All of it happens on the socket's own thread. */
final class Notifications implements AutoCloseable {
  private static final Duration UNTIL_READY = Duration.ofMillis(100);
  private static final Duration STATUS = Duration.ofSeconds(5);

  private final NotifySocket socket;
  private final BooleanSupplier ready;
  private final Supplier<String> status;
  private final Pulse pulse;
  private final EventLoop thread;

  /** Accessed on the thread only, like the two below. */
  private String sentStatus = "";

  private boolean wasReady;
  private boolean stopping;

  Notifications(NotifySocket socket, BooleanSupplier ready, Supplier<String> status, Pulse pulse) {
    this.socket = socket;
    this.ready = ready;
    this.status = status;
    this.pulse = pulse;
    this.thread = socket.thread();
  }

  /**
   * Begins to notify.
   *
   * @param watchdog the time between two keep-alives; null for none
   */
  void begin(@Nullable Duration watchdog) {
    thread.execute(this::awaitReady);
    if (watchdog != null) {
      every(watchdog, this::keepAlive);
    }
  }

  private void every(Duration interval, Runnable task) {
    var unused =
        thread.scheduleAtFixedRate(
            task, interval.toNanos(), interval.toNanos(), TimeUnit.NANOSECONDS);
  }

  private void awaitReady() {
    if (stopping) {
      return;
    }
    if (!ready.getAsBoolean()) {
      say("Waiting for the first probes");
      var unused = thread.schedule(this::awaitReady, UNTIL_READY.toNanos(), TimeUnit.NANOSECONDS);
      return;
    }
    wasReady = true;
    sentStatus = status.get();
    socket.send("READY=1", "STATUS=" + sentStatus);
    every(STATUS, this::tellStatus);
  }

  private void tellStatus() {
    if (!stopping) {
      say((ready.getAsBoolean() ? "" : "Not ready. ") + status.get());
    }
  }

  private void say(String text) {
    if (!text.equals(sentStatus)) {
      sentStatus = text;
      socket.send("STATUS=" + text);
    }
  }

  /** During a stop event loops end one after another; the stop's own limit is the watchdog then. */
  private void keepAlive() {
    if (stopping || pulse.isFelt()) {
      socket.send("WATCHDOG=1");
    }
  }

  void stop() {
    thread.execute(
        () -> {
          stopping = true;
          socket.send(
              "STOPPING=1", "STATUS=" + (wasReady ? "Draining" : "Stopping before it was ready"));
        });
  }

  @Override
  public void close() {
    socket.close();
  }
}
