package dev.understudy.proxy;

import io.netty.handler.codec.http.HttpHeaderNames;
import io.netty.handler.codec.http.HttpHeaderValues;
import io.netty.handler.codec.http.HttpHeaders;
import io.netty.handler.codec.http.HttpMethod;
import io.netty.handler.codec.http.HttpVersion;

/** Whether a client wants a WebSocket (RFC 6455 §4.1). */
public final class WebSocketHandshake {
  private WebSocketHandshake() {}

  /** Whether it asks in the form that servers take up; what else it says they judge themselves. */
  public static boolean isProper(HttpMethod method, HttpVersion version, HttpHeaders headers) {
    return method.equals(HttpMethod.GET) && version.equals(HttpVersion.HTTP_1_1) && asks(headers);
  }

  /** The two list headers alone, any letter case. */
  public static boolean asks(HttpHeaders headers) {
    return headers.containsValue(HttpHeaderNames.UPGRADE, HttpHeaderValues.WEBSOCKET, true)
        && headers.containsValue(HttpHeaderNames.CONNECTION, HttpHeaderValues.UPGRADE, true);
  }
}
