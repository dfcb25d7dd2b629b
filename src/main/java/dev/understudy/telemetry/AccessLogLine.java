package dev.understudy.telemetry;

import dev.understudy.text.Printable;
import dev.understudy.traffic.ConnectionOutcome;
import dev.understudy.traffic.MatchedRoute;
import dev.understudy.traffic.RequestOutcome;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import org.jspecify.annotations.Nullable;

/**
 * Formats one request or one relayed connection as a line of the access log. Both formats, and both
 * kinds, have the same fields under the same names; times are in seconds.
 *
 * <ul>
 *   <li>plain: {@code key=value} pairs. Names and text chosen by the client are quoted, "-" stands
 *       for an absent value
 *   <li>JSON: one object (RFC 8259); absent values are null
 * </ul>
 */
final class AccessLogLine {
  private final StringBuilder to;
  private final boolean json;

  private AccessLogLine(StringBuilder to, boolean json, Instant at) {
    this.to = to;
    this.json = json;
    Instant time = at.truncatedTo(ChronoUnit.MILLIS);
    if (json) {
      to.append("{\"time\":\"").append(time).append('"');
    } else {
      to.append(time);
    }
  }

  /**
   * Appends the line of a request. The field {@code trace} is there only if requests are traced,
   * and at the end come the further fields.
   *
   * @param values of the further fields
   */
  static void append(
      StringBuilder to,
      boolean json,
      Instant at,
      RequestOutcome request,
      LogFields fields,
      @Nullable String[] values) {
    AccessLogLine line = new AccessLogLine(to, json, at);
    MatchedRoute route = request.route();
    line.text("client", RequestOutcome.address(request.client()));
    line.text("method", request.method());
    line.text("host", request.host());
    line.text("target", request.target());
    line.key("status").append(request.status());
    line.text("route", route == null ? null : route.id());
    line.text("pool", request.pool());
    line.text("server", request.server());
    line.way(
        request.attempts(),
        request.heldNanos(),
        request.durationNanos(),
        request.bytesIn(),
        request.bytesOut(),
        request.end());
    line.text("id", request.requestId());
    if (request.trace() != null) {
      line.text("trace", request.trace().traceId());
    }
    for (int i = 0; i < values.length; i++) {
      line.text(fields.key(i), values[i]);
    }
    line.end();
  }

  /** Appends the line of a relayed connection. */
  static void append(StringBuilder to, boolean json, Instant at, ConnectionOutcome connection) {
    AccessLogLine line = new AccessLogLine(to, json, at);
    line.text("client", RequestOutcome.address(connection.client()));
    line.text("listener", connection.listener());
    line.text("name", connection.serverName());
    line.text("pool", connection.pool());
    line.text("server", connection.server());
    line.way(
        connection.attempts(),
        connection.heldNanos(),
        connection.durationNanos(),
        connection.bytesIn(),
        connection.bytesOut(),
        connection.end());
    line.end();
  }

  private void way(
      int attempts, long heldNanos, long durationNanos, long bytesIn, long bytesOut, Enum<?> end) {
    key("attempts").append(attempts);
    seconds("held", heldNanos);
    seconds("duration", durationNanos);
    key("in").append(bytesIn);
    key("out").append(bytesOut);
    if (json) {
      text("end", end.name());
    } else {
      key("end").append(end.name());
    }
  }

  private StringBuilder key(String key) {
    return json
        ? to.append(",\"").append(key).append("\":")
        : to.append(' ').append(key).append('=');
  }

  private void text(String key, @Nullable Object value) {
    StringBuilder line = key(key);
    if (value == null) {
      line.append(json ? "null" : "-");
    } else {
      line.append('"');
      Printable.quotedInto(line, value.toString());
      line.append('"');
    }
  }

  private void seconds(String key, long nanos) {
    long micros = nanos / 1_000;
    String fraction = Long.toString(micros % 1_000_000);
    key(key).append(micros / 1_000_000).append('.');
    to.append("000000", 0, 6 - fraction.length()).append(fraction);
  }

  private void end() {
    to.append(json ? "}\n" : "\n");
  }
}
