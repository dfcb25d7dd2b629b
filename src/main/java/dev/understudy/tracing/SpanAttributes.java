package dev.understudy.tracing;

import dev.understudy.traffic.RequestEnd;
import io.opentelemetry.api.common.AttributeKey;
import io.opentelemetry.api.trace.Span;
import java.util.Set;

/**
 * The attributes of spans: those of OpenTelemetry's semantic conventions for HTTP, and ours, which
 * begin with {@code understudy}. Queries are left out of targets, as they may hold secrets.
 */
final class SpanAttributes {
  static final AttributeKey<String> PATH = AttributeKey.stringKey("url.path");
  static final AttributeKey<String> URL = AttributeKey.stringKey("url.full");
  static final AttributeKey<String> SERVER_ADDRESS = AttributeKey.stringKey("server.address");
  static final AttributeKey<Long> SERVER_PORT = AttributeKey.longKey("server.port");
  static final AttributeKey<String> CLIENT_ADDRESS = AttributeKey.stringKey("client.address");
  static final AttributeKey<Long> STATUS = AttributeKey.longKey("http.response.status_code");
  static final AttributeKey<Long> RESENDS = AttributeKey.longKey("http.request.resend_count");
  static final AttributeKey<String> ERROR = AttributeKey.stringKey("error.type");

  static final AttributeKey<String> ROUTE = AttributeKey.stringKey("understudy.route");
  static final AttributeKey<String> POOL = AttributeKey.stringKey("understudy.pool");
  static final AttributeKey<String> SERVER = AttributeKey.stringKey("understudy.server");
  static final AttributeKey<Long> ATTEMPTS = AttributeKey.longKey("understudy.attempts");

  /** The time that the request was held, in seconds. */
  static final AttributeKey<Double> HELD = AttributeKey.doubleKey("understudy.held");

  static final AttributeKey<String> OUTCOME = AttributeKey.stringKey("understudy.outcome");
  static final AttributeKey<String> REQUEST_ID = AttributeKey.stringKey("understudy.request_id");

  /** {@code new} or {@code reused}. */
  static final AttributeKey<String> CONNECTION = AttributeKey.stringKey("understudy.connection");

  private static final AttributeKey<String> METHOD = AttributeKey.stringKey("http.request.method");
  private static final AttributeKey<String> METHOD_ORIGINAL =
      AttributeKey.stringKey("http.request.method_original");

  /** RFC 9110 §9.3 and RFC 5789; others could make any number of span names. */
  private static final Set<String> METHODS =
      Set.of("GET", "HEAD", "POST", "PUT", "DELETE", "CONNECT", "OPTIONS", "TRACE", "PATCH");

  private SpanAttributes() {}

  /** Sets the attributes of the method; returns its name in the span's name. */
  static String method(Span span, String method) {
    if (METHODS.contains(method)) {
      span.setAttribute(METHOD, method);
      return method;
    }
    if (!method.isEmpty()) {
      span.setAttribute(METHOD, "_OTHER");
      span.setAttribute(METHOD_ORIGINAL, method);
    }
    return ServerSpan.UNNAMED;
  }

  /** The target without its query. */
  static String path(String target) {
    int query = target.indexOf('?');
    return query < 0 ? target : target.substring(0, query);
  }

  /** The name in {@code Host}, without the port. */
  static String name(String host) {
    int colon = host.lastIndexOf(':');
    return colon > host.lastIndexOf(']') ? host.substring(0, colon) : host;
  }

  /** Whether a request failed that had no response, or not the whole of one. */
  static boolean isFailure(RequestEnd end) {
    return switch (end) {
      case NO_SERVER,
          HOLD_FULL,
          SERVER_FAILED,
          RESPONSE_TIMED_OUT,
          RESPONSE_BROKEN,
          STOPPING,
          TUNNEL_BROKEN ->
          true;
      case COMPLETED,
          LOCAL,
          MAINTENANCE,
          STREAM_MOVED,
          CLIENT_GONE,
          BAD_REQUEST,
          TUNNEL_CLOSED,
          TUNNEL_TOLD,
          TUNNEL_IDLE ->
          false;
    };
  }
}
