package dev.understudy.proxy.http;

import io.netty.handler.codec.http.HttpHeaderNames;
import io.netty.handler.codec.http.HttpHeaderValues;
import io.netty.handler.codec.http.HttpHeaders;
import io.netty.handler.codec.http.HttpMethod;
import io.netty.handler.codec.http.HttpResponse;
import io.netty.handler.codec.http.HttpVersion;
import java.util.List;

/** Whether a client wants a WebSocket, and a server agrees to it (RFC 6455 §4.1). */
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

  /**
   * Whether a server's 101 agrees to a WebSocket and to nothing else (RFC 9110 §7.8): our own 101
   * says so. The rest of it is the client's to judge.
   *
   * @param response as it came
   */
  public static boolean isAgreed(HttpResponse response) {
    List<String> protocols = response.headers().getAll(HttpHeaderNames.UPGRADE);
    return response.protocolVersion().equals(HttpVersion.HTTP_1_1)
        && protocols.size() == 1
        && HttpHeaderValues.WEBSOCKET.contentEqualsIgnoreCase(protocols.get(0));
  }

  /**
   * Whether one that is relayed has the other fields of a handshake too (RFC 6455 §4.2.1), whatever
   * their values: without one, some servers would serve it as any other request.
   *
   * @param headers as they are forwarded: without those that {@code Connection} nominated
   */
  public static boolean isComplete(HttpHeaders headers) {
    return headers.contains(HttpHeaderNames.SEC_WEBSOCKET_KEY)
        && headers.contains(HttpHeaderNames.SEC_WEBSOCKET_VERSION);
  }
}
