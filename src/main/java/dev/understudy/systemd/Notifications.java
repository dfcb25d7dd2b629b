package dev.understudy.systemd;

import dev.understudy.recurring.Recurring;
import dev.understudy.recurring.Timers;
import io.netty.channel.EventLoop;
import java.time.Duration;
import java.util.concurrent.TimeUnit;
import java.util.function.BooleanSupplier;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The notifications to the service manager and the times at which they are sent, all on the
 * socket's own thread. A task that fails is logged, and runs again at its next time: without
 * keep-alives the service manager would kill the process.
 */
final class Notifications implements AutoCloseable {
  private static final Logger log = LoggerFactory.getLogger(ServiceNotifier.class);
  private static final Duration UNTIL_READY = Duration.ofMillis(100);
  private static final Duration STATUS = Duration.ofSeconds(5);

  private final NotifySocket socket;
  private final BooleanSupplier leads;
  private final BooleanSupplier ready;
  private final Supplier<String> status;
  private final ThreadLiveness pulse;
  private final EventLoop thread;

  /** Accessed on the thread only, like the five below. */
  private String sentStatus = "";

  private boolean led;
  private boolean wasReady;
  private boolean stopping;
  private boolean replaced;

  /** The failure that was logged last, which is not logged again and again. */
  private String failure = "";

  Notifications(
      NotifySocket socket,
      BooleanSupplier leads,
      BooleanSupplier ready,
      Supplier<String> status,
      ThreadLiveness pulse) {
    this.socket = socket;
    this.leads = leads;
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
    thread.execute(() -> untilReady(watchdog));
  }

  private void every(Duration interval, Runnable task) {
    Recurring.of(Timers.of(thread), interval, () -> run(task)).startAfter(Duration.ZERO);
  }

  /** Runs the task; a failure, of which a repetition would not be run again, is logged. */
  private void run(Runnable task) {
    try {
      task.run();
    } catch (Throwable e) {
      String seen = e.toString();
      if (!seen.equals(failure)) {
        failure = seen;
        log.error("A notification of the service manager failed", e);
      }
    }
  }

  private void untilReady(@Nullable Duration watchdog) {
    run(() -> awaitReady(watchdog));
    if (!wasReady && !stopping) {
      var unused =
          thread.schedule(() -> untilReady(watchdog), UNTIL_READY.toNanos(), TimeUnit.NANOSECONDS);
    }
  }

  private void awaitReady(@Nullable Duration watchdog) {
    if (stopping || !leads.getAsBoolean()) {
      return;
    }
    if (!led && watchdog != null) {
      // The first at once: the process before may have sent its last one long ago.
      every(watchdog, this::keepAlive);
    }
    led = true;
    if (!ready.getAsBoolean()) {
      say("Waiting for the first probes");
      return;
    }
    sentStatus = status.get();
    socket.send("READY=1", "STATUS=" + sentStatus);
    wasReady = true;
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
    if (!replaced && (stopping || pulse.allRanLastTask())) {
      socket.send("WATCHDOG=1");
    }
  }

  /** Returns once it is sent: the other process's notifications count from then on. */
  void replaced(long pid) {
    var unused =
        thread
            .submit(
                () -> {
                  socket.send("MAINPID=" + pid);
                  replaced = true;
                  stopping = true;
                })
            .awaitUninterruptibly();
  }

  void stop() {
    thread.execute(
        () -> {
          stopping = true;
          if (replaced || !led) {
            return;
          }
          socket.send(
              "STOPPING=1", "STATUS=" + (wasReady ? "Draining" : "Stopping before it was ready"));
        });
  }

  @Override
  public void close() {
    socket.close();
  }
}
