package dev.understudy.bench.load;

import io.netty.bootstrap.Bootstrap;
import io.netty.channel.EventLoop;
import io.netty.handler.ssl.SslContext;
import java.time.Duration;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;

/**
 * When clients send, and what is counted. All of it happens on the one event loop, but for {@link
 * #open}, {@link #run} and {@link #close}, which go there.
 */
final class Course {
  /** Time for responses after the end; those that have not come then have failed. */
  private static final Duration TAIL = Duration.ofSeconds(5);

  private static final Observer NOBODY = (due, latency) -> {};

  private final EventLoop loop;
  private final List<Requester> clients = new ArrayList<>();
  private final ArrayDeque<Requester> idle = new ArrayDeque<>();
  private final CompletableFuture<@Nullable Void> opened = new CompletableFuture<>();

  private Latencies latencies = new Latencies();
  private long responses;
  private long failed;
  private boolean running;
  private long start;

  /** Time between two requests; 0: the next one follows each response. */
  private long interval;

  /** Requests sent at a fixed rate. */
  private long sent;

  /** Responses that end a run; {@link Long#MAX_VALUE}: only the time does. */
  private long enough;

  private boolean scheduled;
  private Observer observer = NOBODY;
  private @Nullable Runnable whenIdle;
  private @Nullable Runnable end;

  Course(
      EventLoop loop, Bootstrap bootstrap, Traffic traffic, @Nullable SslContext tls, int count) {
    this.loop = loop;
    for (int i = 0; i < count; i++) {
      if (traffic.streams() == 0) {
        clients.add(new Client(this, bootstrap, traffic, tls, i));
      } else {
        clients.addAll(new Multiplexer(this, bootstrap, traffic, tls).streams());
      }
    }
  }

  EventLoop loop() {
    return loop;
  }

  CompletableFuture<@Nullable Void> open() {
    loop.execute(
        () -> {
          whenIdle = () -> opened.complete(null);
          clients.forEach(Requester::open);
        });
    return opened;
  }

  CompletableFuture<@Nullable Void> close() {
    return CompletableFuture.runAsync(() -> clients.forEach(Requester::close), loop);
  }

  /**
   * Sends for a time, then waits for the last responses.
   *
   * @param most responses, after which it ends earlier
   */
  CompletableFuture<Measured> run(long intervalNanos, Duration time, long most) {
    return run(intervalNanos, time, most, NOBODY);
  }

  /** The same with an observer. */
  CompletableFuture<Measured> run(
      long intervalNanos, Duration time, long most, Observer observing) {
    CompletableFuture<Measured> result = new CompletableFuture<>();
    loop.execute(
        () -> {
          latencies = new Latencies();
          responses = 0;
          failed = 0;
          sent = 0;
          interval = intervalNanos;
          enough = most;
          observer = observing;
          running = true;
          start = System.nanoTime();
          end = () -> end(result);
          loop.schedule(() -> end(result), time.toNanos(), TimeUnit.NANOSECONDS);
          send(start);
        });
    return result;
  }

  private void end(CompletableFuture<Measured> result) {
    if (result.isDone() || !running) {
      return;
    }
    long now = System.nanoTime();
    running = false;
    if (interval > 0) {
      for (long due = start + sent * interval; due - now < 0; due += interval) {
        record(due, now);
      }
    }
    Measured measured = new Measured(responses, failed, Duration.ofNanos(now - start), latencies);
    whenIdle = () -> complete(result, measured);
    loop.schedule(
        () -> complete(result, measured.andFailed(clients.size() - idle.size())),
        TAIL.toNanos(),
        TimeUnit.NANOSECONDS);
    checkIdle();
  }

  private void complete(CompletableFuture<Measured> result, Measured measured) {
    if (!result.isDone()) {
      observer = NOBODY;
      result.complete(measured);
    }
  }

  /** A client is connected and has nothing to do. */
  void ready(Requester client) {
    idle.add(client);
    if (running) {
      send(System.nanoTime());
    } else {
      checkIdle();
    }
  }

  /** A client has received its response. */
  void responded(Requester client, long due, boolean good) {
    idle.add(client);
    long now = System.nanoTime();
    if (!running) {
      if (good) {
        observer.responded(due - start, now - due);
      }
      checkIdle();
      return;
    }
    if (good) {
      record(due, now);
      responses++;
    } else {
      failed++;
    }
    if (responses >= enough && end != null) {
      end.run();
    } else {
      send(now);
    }
  }

  private void record(long due, long now) {
    latencies.record(now - due);
    observer.responded(due - start, now - due);
  }

  /** A client lost its connection, and makes a new one. */
  void lost() {
    if (running) {
      failed++;
    }
  }

  private void checkIdle() {
    Runnable then = whenIdle;
    if (then != null && idle.size() == clients.size()) {
      whenIdle = null;
      then.run();
    }
  }

  private void send(long now) {
    Requester client;
    while ((client = idle.peek()) != null) {
      long due = interval == 0 ? now : start + sent * interval;
      if (due - now > 0) {
        later(due - now);
        return;
      }
      idle.remove();
      sent++;
      client.send(due);
    }
  }

  private void later(long nanos) {
    if (!scheduled) {
      scheduled = true;
      loop.schedule(
          () -> {
            scheduled = false;
            if (running) {
              send(System.nanoTime());
            }
          },
          nanos,
          TimeUnit.NANOSECONDS);
    }
  }
}
