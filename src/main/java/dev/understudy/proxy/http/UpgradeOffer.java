package dev.understudy.proxy.http;

import io.netty.handler.codec.http.HttpHeaderNames;
import io.netty.handler.codec.http.HttpHeaderValues;
import io.netty.handler.codec.http.HttpHeaders;
import io.netty.handler.codec.http.HttpResponse;
import io.netty.handler.codec.http.HttpVersion;
import java.util.List;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/**
 * The protocols to which a server may switch the connection of a request (RFC 9110 §7.8).
 *
 * <p>{@code Upgrade} ends at each intermediary: what the server gets is the proxy's own offer, the
 * client's without the protocols that are not relayed. The server may choose any member or none, so
 * that fewer members never mean something else to it.
 *
 * @param protocols in the order and form in which the client sent them; not empty
 */
public record UpgradeOffer(List<String> protocols) {
  /** More than any client offers. */
  private static final int MOST = 16;

  /** The offer of every WebSocket handshake. */
  public static final UpgradeOffer WEB_SOCKET =
      new UpgradeOffer(List.of(HttpHeaderValues.WEBSOCKET.toString()));

  /**
   * Whether a request asks for another protocol, relayed or not: over HTTP/1.1, with {@code
   * Upgrade}, which {@code Connection} names.
   */
  public static boolean isMade(HttpVersion version, HttpHeaders headers) {
    return version.equals(HttpVersion.HTTP_1_1)
        && headers.contains(HttpHeaderNames.UPGRADE)
        && headers.containsValue(HttpHeaderNames.CONNECTION, HttpHeaderValues.UPGRADE, true);
  }

  /**
   * Makes the offer to the server, of the first {@value #MOST} that may be asked for.
   *
   * @param allowed what may be asked for; null for nothing
   * @return null if the client asks for none of that
   */
  public static @Nullable UpgradeOffer of(
      HttpVersion version, HttpHeaders headers, @Nullable UpgradeProtocols allowed) {
    if (allowed == null || !isMade(version, headers)) {
      return null;
    }
    List<String> protocols =
        headers.getAll(HttpHeaderNames.UPGRADE).stream()
            .flatMap(UpgradeOffer::elements)
            .filter(allowed::contains)
            .limit(MOST)
            .toList();
    return protocols.isEmpty() ? null : new UpgradeOffer(protocols);
  }

  private static Stream<String> elements(String list) {
    return Stream.of(list.split(",", -1)).map(String::strip);
  }

  public boolean isWebSocket() {
    return equals(WEB_SOCKET);
  }

  /** The value of {@code Upgrade}. */
  String value() {
    return String.join(", ", protocols);
  }

  /**
   * What a server's 101 switches to: protocols of the offer, from the lowest layer up, above which
   * HTTP/1.1 may go on (RFC 2817 §3.3).
   *
   * @param response as received
   * @param request the fields of the request as forwarded
   * @return null if it names anything else, or does not prove that it is the handshake's
   */
  public @Nullable String agreed(HttpResponse response, HttpHeaders request) {
    if (isWebSocket()) {
      return WebSocketHandshake.isAgreed(response, WebSocketHandshake.key(request))
          ? value()
          : null;
    }
    List<String> named = response.headers().getAll(HttpHeaderNames.UPGRADE);
    if (!response.protocolVersion().equals(HttpVersion.HTTP_1_1) || named.size() != 1) {
      return null;
    }
    List<String> layers = elements(named.get(0)).toList();
    boolean agreed =
        isOffered(layers.get(0))
            && layers.stream()
                .skip(1)
                .allMatch(
                    layer ->
                        isOffered(layer) || layer.equalsIgnoreCase(HttpVersion.HTTP_1_1.text()));
    return agreed ? String.join(", ", layers) : null;
  }

  private boolean isOffered(String protocol) {
    return protocols.stream().anyMatch(protocol::equalsIgnoreCase);
  }
}
