package dev.understudy.statistics;

import dev.understudy.traffic.RequestEnd;
import java.util.Arrays;
import java.util.stream.LongStream;
import org.jspecify.annotations.Nullable;

/**
 * Counts of requests: those of one server or route since the start of the process, or the increase
 * between two such. Immutable once {@link CounterReading} holds it.
 */
final class Counts {
  /** The classes of responses: none, 1xx to 5xx. */
  static final int CLASSES = 6;

  private static final int ERRORS = CLASSES;
  private static final int BYTES_IN = CLASSES + 1;
  private static final int BYTES_OUT = CLASSES + 2;
  private static final int BUCKETS = CLASSES + 3;

  private final long[] values;

  /**
   * Creates counts of zero.
   *
   * @param buckets the number of buckets of durations
   */
  Counts(int buckets) {
    this(new long[BUCKETS + buckets]);
  }

  private Counts(long[] values) {
    this.values = values;
  }

  /** Adds requests that share a status class and an end. */
  void add(int statusClass, RequestEnd end, long[] buckets, long bytesIn, long bytesOut) {
    long requests = 0;
    boolean timed = isTimed(statusClass, end);
    for (int i = 0; i < buckets.length; i++) {
      requests += buckets[i];
      if (timed) {
        values[BUCKETS + i] += buckets[i];
      }
    }
    values[statusClass] += requests;
    boolean failed = statusClass == 5 && end != RequestEnd.MAINTENANCE;
    if (failed || end == RequestEnd.RESPONSE_BROKEN) {
      values[ERRORS] += requests;
    }
    values[BYTES_IN] += bytesIn;
    values[BYTES_OUT] += bytesOut;
  }

  /**
   * Whether the duration says how quickly a server responds. It does not if maintenance refused the
   * request, as no server was asked; nor for a tunnel, a stream that was moved, or a response that
   * the client stopped reading, which last as long as somebody wants.
   */
  private static boolean isTimed(int statusClass, RequestEnd end) {
    return switch (end) {
      case MAINTENANCE,
          TUNNEL_CLOSED,
          TUNNEL_TOLD,
          TUNNEL_IDLE,
          TUNNEL_BROKEN,
          STREAM_MOVED,
          STOPPING ->
          false;
      case CLIENT_GONE -> statusClass == 0;
      default -> true;
    };
  }

  /** Adds what {@code later} has more than {@code earlier}; a count that became less adds 0. */
  void addIncrease(@Nullable Counts earlier, Counts later) {
    for (int i = 0; i < values.length; i++) {
      values[i] += Math.max(0, later.values[i] - (earlier == null ? 0 : earlier.values[i]));
    }
  }

  void addAll(Counts more) {
    for (int i = 0; i < values.length; i++) {
      values[i] += more.values[i];
    }
  }

  long responses(int statusClass) {
    return values[statusClass];
  }

  long requests() {
    return LongStream.of(values).limit(CLASSES).sum();
  }

  /** Requests that ended with 5xx but in maintenance, or whose response was broken off. */
  long errors() {
    return values[ERRORS];
  }

  long bytesIn() {
    return values[BYTES_IN];
  }

  long bytesOut() {
    return values[BYTES_OUT];
  }

  /** The requests in each bucket of durations. */
  long[] durations() {
    return Arrays.copyOfRange(values, BUCKETS, values.length);
  }

  @Override
  public boolean equals(@Nullable Object other) {
    return other instanceof Counts that && Arrays.equals(values, that.values);
  }

  @Override
  public int hashCode() {
    return Arrays.hashCode(values);
  }
}
