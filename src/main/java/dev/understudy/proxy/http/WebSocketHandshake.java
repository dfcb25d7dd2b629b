package dev.understudy.proxy.http;

import io.netty.handler.codec.http.HttpHeaderNames;
import io.netty.handler.codec.http.HttpHeaderValues;
import io.netty.handler.codec.http.HttpHeaders;
import io.netty.handler.codec.http.HttpMethod;
import io.netty.handler.codec.http.HttpResponse;
import io.netty.handler.codec.http.HttpVersion;
import java.util.List;

/** Recognises WebSocket handshakes of clients and their acceptance by servers (RFC 6455 §4.1). */
public final class WebSocketHandshake {
  private WebSocketHandshake() {}

  /**
   * Whether a request is relayed as a handshake: GET over HTTP/1.1 without a body, with {@code
   * websocket} in {@code Upgrade} and {@code upgrade} in {@code Connection}, in any letter case.
   * Any other request is forwarded as an ordinary one, without the two fields. The server judges
   * the rest of the handshake.
   *
   * @param headers the request's fields as received
   * @param body whether a body follows
   */
  public static boolean isRelayed(
      HttpMethod method, HttpVersion version, HttpHeaders headers, boolean body) {
    return !body
        && method.equals(HttpMethod.GET)
        && version.equals(HttpVersion.HTTP_1_1)
        && headers.containsValue(HttpHeaderNames.UPGRADE, HttpHeaderValues.WEBSOCKET, true)
        && headers.containsValue(HttpHeaderNames.CONNECTION, HttpHeaderValues.UPGRADE, true);
  }

  /**
   * Whether a server's 101 switches to WebSocket and to nothing else (RFC 9110 §7.8), as the 101 to
   * the client will say. The client judges the rest of it.
   *
   * @param response as received
   */
  public static boolean isAgreed(HttpResponse response) {
    List<String> protocols = response.headers().getAll(HttpHeaderNames.UPGRADE);
    return response.protocolVersion().equals(HttpVersion.HTTP_1_1)
        && protocols.size() == 1
        && HttpHeaderValues.WEBSOCKET.contentEqualsIgnoreCase(protocols.get(0));
  }

  /**
   * Whether a relayed handshake also has {@code Sec-WebSocket-Key} and {@code
   * Sec-WebSocket-Version} (RFC 6455 §4.2.1), regardless of their values: without one of them, some
   * servers treat it as an ordinary request.
   *
   * @param headers the fields as forwarded, without those that {@code Connection} nominated
   */
  public static boolean isComplete(HttpHeaders headers) {
    return headers.contains(HttpHeaderNames.SEC_WEBSOCKET_KEY)
        && headers.contains(HttpHeaderNames.SEC_WEBSOCKET_VERSION);
  }
}
