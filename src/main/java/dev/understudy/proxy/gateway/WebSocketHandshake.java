package dev.understudy.proxy.gateway;

import io.netty.handler.codec.http.HttpHeaderNames;
import io.netty.handler.codec.http.HttpHeaderValues;
import io.netty.handler.codec.http.HttpHeaders;
import io.netty.handler.codec.http.HttpMethod;
import io.netty.handler.codec.http.HttpVersion;

/** Whether a client wants a WebSocket (RFC 6455 §4.1). */
final class WebSocketHandshake {
  private WebSocketHandshake() {}

  /** Whether it asks in the form that servers take up; what else it says they judge themselves. */
  static boolean isProper(LaneRequest request) {
    return request.http.method().equals(HttpMethod.GET)
        && request.http.version().equals(HttpVersion.HTTP_1_1)
        && asks(request.headers());
  }

  /** The two list headers alone, any letter case. */
  static boolean asks(HttpHeaders headers) {
    return headers.containsValue(HttpHeaderNames.CONNECTION, HttpHeaderValues.UPGRADE, true)
        && headers.containsValue(HttpHeaderNames.UPGRADE, HttpHeaderValues.WEBSOCKET, true);
  }
}
