package dev.understudy.proxy;

import io.netty.handler.codec.http.HttpHeaderNames;
import io.netty.handler.codec.http.HttpHeaderValues;
import io.netty.handler.codec.http.HttpHeaders;
import io.netty.handler.codec.http.HttpMethod;
import io.netty.handler.codec.http.HttpVersion;

/** Whether a client wants a WebSocket (RFC 6455 §4.1). */
public final class WebSocketHandshake {
  private WebSocketHandshake() {}

  /**
   * Whether a request is relayed as a handshake: GET over HTTP/1.1, no body, and the two list
   * fields in any letter case. Any other goes to a server as an ordinary request, without them. The
   * rest of a handshake is the server's to judge.
   *
   * @param headers as they came
   * @param body whether one follows
   */
  public static boolean isRelayed(
      HttpMethod method, HttpVersion version, HttpHeaders headers, boolean body) {
    return !body
        && method.equals(HttpMethod.GET)
        && version.equals(HttpVersion.HTTP_1_1)
        && headers.containsValue(HttpHeaderNames.UPGRADE, HttpHeaderValues.WEBSOCKET, true)
        && headers.containsValue(HttpHeaderNames.CONNECTION, HttpHeaderValues.UPGRADE, true);
  }
}
