package dev.understudy.telemetry;

import dev.understudy.traffic.ConnectionOutcome;
import dev.understudy.traffic.RequestOutcome;
import io.micrometer.core.instrument.Counter;
import io.micrometer.core.instrument.MeterRegistry;
import io.netty.handler.codec.http.HttpHeaders;
import java.io.IOException;
import java.io.OutputStream;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.Queue;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.locks.LockSupport;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The access log: one line for each request and each relayed connection, written by a thread of its
 * own.
 *
 * <p>{@link #log} only adds the record to a bounded, lock-free queue and wakes no thread. If the
 * queue is full, the record is dropped, counted in {@code understudy_access_log_dropped_total} and
 * reported at most once a minute.
 *
 * <p>Lines go straight to standard output, up to 512 in one write, and not through a logging
 * framework: its event, layout and lock for each line would cost more than the line, and Spring
 * Boot's structured format would wrap our JSON in its own.
 */
public final class AccessLog implements AutoCloseable {
  /** The maximum number of records that wait to be written. */
  public static final int CAPACITY = 8_192;

  private static final Logger LOG = LoggerFactory.getLogger(AccessLog.class);
  private static final int MAX_BATCH = 512;
  private static final Duration LOOK = Duration.ofMillis(50);
  private static final Duration REPORT = Duration.ofMinutes(1);
  private static final Duration CLOSING = Duration.ofSeconds(2);

  /** The setting {@code understudy.access-log}. */
  public enum Format {
    /** No access log, the default. */
    OFF,
    /** {@code key=value} pairs. */
    PLAIN,
    /** JSON lines. */
    JSON,
    /** HAProxy's {@code option httplog} and {@code option tcplog}. */
    HAPROXY
  }

  /**
   * A record that waits: of a request or of a relayed connection.
   *
   * @param values of the further fields of a request; empty for a connection
   */
  @SuppressWarnings("ArrayRecordComponent") // never compared
  private record Waiting(Instant at, Record ended, @Nullable String[] values) {}

  private static final @Nullable String[] NO_VALUES = {};

  private final Format format;
  private final LogFields fields;
  private final OutputStream out;
  private final InstantSource clock;
  private final Counter dropped;
  private final Queue<Waiting> queue = new ConcurrentLinkedQueue<>();
  private final AtomicInteger waiting = new AtomicInteger();
  private final StringBuilder batch = new StringBuilder();
  private final Thread writer;
  private volatile boolean closed;
  private double reportedDrops;
  private Instant reportedAt = Instant.MIN;

  /**
   * Starts the writer thread unless the format is {@link Format#OFF}.
   *
   * @param fields at the end of each line
   * @param out usually {@code System.out}; not closed
   */
  public AccessLog(
      Format format,
      LogFields fields,
      OutputStream out,
      InstantSource clock,
      MeterRegistry registry) {
    this.format = format;
    this.fields = fields;
    this.out = out;
    this.clock = clock;
    dropped =
        new MeterGroup(registry)
            .counter("understudy.access.log.dropped", "Access log lines that were not written");
    writer = Thread.ofPlatform().daemon().name("access-log").unstarted(this::run);
    if (enabled()) {
      writer.start();
    }
  }

  /** Whether the log is on; callers can check before they create a record. */
  public boolean enabled() {
    return format != Format.OFF;
  }

  /**
   * Queues one record without blocking; safe for any thread.
   *
   * @param headers the request's, and {@code response} the response's, null if there is none: read
   *     at once, for the further fields
   */
  public void log(RequestOutcome request, HttpHeaders headers, @Nullable HttpHeaders response) {
    if (enabled()) {
      add(request.bounded(), fields.read(request, headers, response));
    }
  }

  /** Queues the record of a relayed connection, likewise. */
  public void log(ConnectionOutcome connection) {
    if (enabled()) {
      add(connection, NO_VALUES);
    }
  }

  private void add(Record ended, @Nullable String[] values) {
    if (closed) {
      return;
    }
    if (waiting.incrementAndGet() > CAPACITY) {
      waiting.decrementAndGet();
      dropped.increment();
      return;
    }
    queue.add(new Waiting(clock.instant(), ended, values));
  }

  private void run() {
    while (!closed) {
      if (!writeBatch()) {
        LockSupport.parkNanos(LOOK.toNanos());
      }
      reportDrops();
    }
    while (writeBatch()) {
      // Drains the records queued before the end.
    }
  }

  private boolean writeBatch() {
    int count = 0;
    batch.setLength(0);
    for (Waiting next; count < MAX_BATCH && (next = queue.poll()) != null; count++) {
      append(next);
    }
    waiting.addAndGet(-count);
    if (count > 0) {
      write(count);
    }
    return count > 0;
  }

  private void append(Waiting next) {
    boolean json = format == Format.JSON;
    if (next.ended() instanceof ConnectionOutcome connection) {
      if (format == Format.HAPROXY) {
        HaproxyLogLine.append(batch, next.at(), connection);
      } else {
        AccessLogLine.append(batch, json, next.at(), connection);
      }
    } else if (next.ended() instanceof RequestOutcome request) {
      if (format == Format.HAPROXY) {
        HaproxyLogLine.append(batch, next.at(), request, fields, next.values());
      } else {
        AccessLogLine.append(batch, json, next.at(), request, fields, next.values());
      }
    }
  }

  private void write(int count) {
    try {
      out.write(batch.toString().getBytes(StandardCharsets.US_ASCII));
      out.flush();
    } catch (IOException e) {
      dropped.increment(count);
    }
  }

  private void reportDrops() {
    double now = dropped.count();
    Instant time = clock.instant();
    if (now > reportedDrops && !time.isBefore(reportedAt.plus(REPORT))) {
      LOG.warn(
          "Access log: {} lines were not written, because the output is too slow",
          (long) (now - reportedDrops));
      reportedDrops = now;
      reportedAt = time;
    }
  }

  /** Writes the queued records, for two seconds at most, and ends the thread. */
  @Override
  public void close() {
    closed = true;
    if (!enabled()) {
      return;
    }
    LockSupport.unpark(writer);
    try {
      writer.join(CLOSING);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }
}
