package dev.understudy.proxy.frontend;

import dev.understudy.proxy.http.ClientConnection;
import io.netty.channel.EventLoop;
import io.netty.handler.codec.http.HttpHeaderNames;
import io.netty.handler.codec.http.HttpHeaders;
import io.netty.handler.codec.http.HttpRequest;
import io.netty.handler.codec.http.HttpUtil;
import io.netty.handler.codec.http.HttpVersion;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * What the frontend knows of a request of the Gateway lane, whatever Reactor Netty and filters make
 * of it.
 *
 * @param client the connection from which the request came
 * @param tls whether the client's connection is TLS, which a trusted proxy may have ended
 * @param clientTarget the target in the form in which the client sent it
 * @param target the target in origin-form, otherwise byte for byte the client's
 * @param uri the normalised target, which routes and filters see
 * @param host the client's {@code Host}; null if it sent none
 * @param version the client's HTTP version; HTTP/1.1 for HTTP/2
 * @param expectsContinue whether the client waits for "100 Continue" (RFC 9110 §10.1.1)
 * @param body whether a body follows (RFC 9112 §6.3)
 * @param handshake whether the request is relayed as a WebSocket handshake
 * @param id the client's {@code X-Request-Id} if it is well-formed, else a new one; for local
 *     responses
 */
public record GatewayRequest(
    ClientConnection client,
    boolean tls,
    String clientTarget,
    String target,
    String uri,
    @Nullable String host,
    HttpVersion version,
    boolean expectsContinue,
    boolean body,
    boolean handshake,
    String id)
    implements RoutedRequest {
  /**
   * The fields that Netty's HTTP/2 codec adds to a request, and that a filter may believe: a
   * client's own are removed.
   */
  private static final List<String> CODEC_FIELDS =
      List.of(
          "x-http2-stream-id",
          "x-http2-scheme",
          "x-http2-path",
          "x-http2-stream-promise-id",
          "x-http2-stream-dependency-id",
          "x-http2-stream-weight",
          "x-http2-protocol");

  /**
   * Describes the request.
   *
   * @param path the normalised path of {@code target}
   */
  static GatewayRequest of(
      Frontend frontend,
      HttpRequest request,
      String clientTarget,
      String target,
      String path,
      ClientConnection client,
      boolean body,
      boolean handshake,
      EventLoop loop) {
    HttpHeaders headers = request.headers();
    return new GatewayRequest(
        client,
        frontend.trusted().isTls(client, headers),
        clientTarget,
        target,
        RequestTarget.normalised(target, path),
        headers.get(HttpHeaderNames.HOST),
        request.protocolVersion(),
        HttpUtil.is100ContinueExpected(request),
        body,
        handshake,
        frontend.on(loop).ids().keepOrMake(headers.get("x-request-id")));
  }

  /** Whether filters see {@link #host} without its empty port, which Reactor Netty cannot parse. */
  public boolean isHostShortened() {
    return RequestTarget.hasEmptyPort(host);
  }

  /**
   * Prepares the message to be passed on: changes it to the normalised target and to HTTP/1.1,
   * since the frontend frames the response for an older client, and removes what Reactor Netty
   * would respond to by itself or cannot parse.
   */
  void prepare(HttpRequest request) {
    HttpHeaders headers = request.headers();
    for (String name : CODEC_FIELDS) {
      headers.remove(name);
    }
    if (expectsContinue) {
      headers.remove(HttpHeaderNames.EXPECT);
    }
    String shorter = RequestTarget.withoutEmptyPort(host);
    if (shorter != null && isHostShortened()) {
      headers.set(HttpHeaderNames.HOST, shorter);
    }
    request.setUri(uri);
    request.setProtocolVersion(HttpVersion.HTTP_1_1);
  }
}
