package dev.understudy.proxy.http;

import io.netty.handler.codec.http.HttpHeaderNames;
import io.netty.handler.codec.http.HttpHeaderValues;
import io.netty.handler.codec.http.HttpHeaders;
import io.netty.handler.codec.http.HttpMethod;
import io.netty.handler.codec.http.HttpResponse;
import io.netty.handler.codec.http.HttpVersion;
import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.Base64;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** Recognises WebSocket handshakes of clients and their acceptance by servers (RFC 6455 §4.1). */
public final class WebSocketHandshake {
  private static final String GUID = "258EAFA5-E914-47DA-95CA-C5AB0DC85B11";

  private WebSocketHandshake() {}

  /**
   * Whether a request is relayed as a handshake: GET over HTTP/1.1 without a body, with {@code
   * websocket} in {@code Upgrade} and {@code upgrade} in {@code Connection}, in any letter case.
   * Any other request is forwarded as an ordinary one, without the two fields. One without a {@link
   * #key} is refused; the server judges the rest of the handshake.
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
   * the client will say, and proves that it has understood the handshake (RFC 6455 §4.2.2).
   *
   * @param response as received
   * @param key of the request as forwarded
   */
  public static boolean isAgreed(HttpResponse response, @Nullable String key) {
    List<String> protocols = response.headers().getAll(HttpHeaderNames.UPGRADE);
    List<String> proofs = response.headers().getAll(HttpHeaderNames.SEC_WEBSOCKET_ACCEPT);
    return response.protocolVersion().equals(HttpVersion.HTTP_1_1)
        && protocols.size() == 1
        && HttpHeaderValues.WEBSOCKET.contentEqualsIgnoreCase(protocols.get(0))
        && key != null
        && proofs.size() == 1
        && proofs.get(0).strip().equals(accept(key));
  }

  /** Returns the {@code Sec-WebSocket-Accept} of a key. */
  public static String accept(String key) {
    try {
      byte[] digest =
          MessageDigest.getInstance("SHA-1")
              .digest((key.strip() + GUID).getBytes(StandardCharsets.US_ASCII));
      return Base64.getEncoder().encodeToString(digest);
    } catch (NoSuchAlgorithmException e) {
      throw new IllegalStateException(e);
    }
  }

  /** The only {@code Sec-WebSocket-Key}; null if there is none, several, or an empty one. */
  public static @Nullable String key(HttpHeaders headers) {
    List<String> keys = headers.getAll(HttpHeaderNames.SEC_WEBSOCKET_KEY);
    return keys.size() == 1 && !keys.get(0).isBlank() ? keys.get(0) : null;
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
