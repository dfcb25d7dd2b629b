package dev.understudy.telemetry;

import dev.understudy.text.Printable;
import dev.understudy.traffic.MatchedRoute;
import dev.understudy.traffic.Outcome;
import io.netty.util.NetUtil;
import java.net.InetSocketAddress;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import org.jspecify.annotations.Nullable;

/**
 * Formats one request as a line of the access log; both formats have the same fields under the same
 * names.
 */
final class AccessLine {
  private AccessLine() {}

  /**
   * Appends {@code key=value} pairs. Names and text chosen by the client are quoted, "-" stands for
   * an absent value, and times are in seconds. The field {@code trace} is there only if requests
   * are traced, and at the end come the further fields.
   *
   * @param values of the further fields
   */
  static void plain(
      StringBuilder to, Instant at, Outcome request, LogFields fields, @Nullable String[] values) {
    to.append(at.truncatedTo(ChronoUnit.MILLIS));
    field(to, "client", client(request.client()));
    field(to, "method", request.method());
    field(to, "host", request.host());
    field(to, "target", request.target());
    to.append(" status=").append(request.status());
    name(to, "route", route(request));
    name(to, "pool", request.pool());
    name(to, "server", request.server());
    to.append(" attempts=").append(request.attempts());
    to.append(" held=");
    seconds(to, request.heldNanos());
    to.append(" duration=");
    seconds(to, request.durationNanos());
    to.append(" in=").append(request.bytesIn());
    to.append(" out=").append(request.bytesOut());
    to.append(" end=").append(request.end().name());
    field(to, "id", request.requestId());
    if (request.trace() != null) {
      field(to, "trace", request.trace().traceId());
    }
    for (int i = 0; i < values.length; i++) {
      name(to, fields.key(i), values[i]);
    }
    to.append('\n');
  }

  /**
   * Appends one JSON object (RFC 8259); absent values are null, times are in seconds.
   *
   * @param values of the further fields
   */
  static void json(
      StringBuilder to, Instant at, Outcome request, LogFields fields, @Nullable String[] values) {
    to.append("{\"time\":\"").append(at.truncatedTo(ChronoUnit.MILLIS)).append('"');
    string(to, "client", client(request.client()));
    string(to, "method", request.method());
    string(to, "host", request.host());
    string(to, "target", request.target());
    to.append(",\"status\":").append(request.status());
    string(to, "route", route(request));
    string(to, "pool", request.pool());
    string(to, "server", request.server());
    to.append(",\"attempts\":").append(request.attempts());
    to.append(",\"held\":");
    seconds(to, request.heldNanos());
    to.append(",\"duration\":");
    seconds(to, request.durationNanos());
    to.append(",\"in\":").append(request.bytesIn());
    to.append(",\"out\":").append(request.bytesOut());
    string(to, "end", request.end().name());
    string(to, "id", request.requestId());
    if (request.trace() != null) {
      string(to, "trace", request.trace().traceId());
    }
    for (int i = 0; i < values.length; i++) {
      string(to, fields.key(i), values[i]);
    }
    to.append("}\n");
  }

  static void field(StringBuilder to, String key, String value) {
    to.append(' ').append(key).append("=\"");
    Printable.quotedInto(to, value);
    to.append('"');
  }

  static void name(StringBuilder to, String key, @Nullable Object value) {
    if (value == null) {
      to.append(' ').append(key).append("=-");
    } else {
      field(to, key, value.toString());
    }
  }

  static void string(StringBuilder to, String key, @Nullable Object value) {
    to.append(",\"").append(key).append("\":");
    if (value == null) {
      to.append("null");
    } else {
      to.append('"');
      Printable.quotedInto(to, value.toString());
      to.append('"');
    }
  }

  static void seconds(StringBuilder to, long nanos) {
    long micros = nanos / 1_000;
    to.append(micros / 1_000_000).append('.');
    String fraction = Long.toString(micros % 1_000_000);
    to.append("000000", 0, 6 - fraction.length()).append(fraction);
  }

  private static @Nullable String route(Outcome request) {
    MatchedRoute route = request.route();
    return route == null ? null : route.id();
  }

  /** The client's address in the form of RFC 5952, as servers receive it; never queries DNS. */
  static String client(InetSocketAddress client) {
    return client.getAddress() == null
        ? client.getHostString()
        : NetUtil.toAddressString(client.getAddress());
  }
}
