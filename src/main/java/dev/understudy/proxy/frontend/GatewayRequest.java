package dev.understudy.proxy.frontend;

import dev.understudy.proxy.engine.Downstream;
import dev.understudy.proxy.engine.Exchange;
import dev.understudy.proxy.http.ClientConnection;
import dev.understudy.proxy.http.RequestParts;
import dev.understudy.proxy.http.UpgradeOffer;
import dev.understudy.traffic.RequestEnd;
import io.netty.channel.EventLoop;
import io.netty.handler.codec.http.HttpHeaderNames;
import io.netty.handler.codec.http.HttpHeaders;
import io.netty.handler.codec.http.HttpRequest;
import io.netty.handler.codec.http.HttpResponse;
import io.netty.handler.codec.http.HttpUtil;
import io.netty.handler.codec.http.HttpVersion;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * One request of the Gateway lane as the frontend received it, whatever filters make of it.
 *
 * @param message the request, with the fields that filters may see
 * @param loop the client's event loop
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
 * @param parts of which the lane makes objects
 * @param id the client's {@code X-Request-Id} if it is well-formed, else a new one; for local
 *     responses
 */
public record GatewayRequest(
    Frontend frontend,
    HttpRequest message,
    EventLoop loop,
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
    RequestParts parts,
    String id)
    implements RoutedRequest {
  /**
   * The fields that Netty's own conversion of HTTP/2 adds to a request, and that a filter may
   * believe: a client's own are removed.
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
    String uri = RequestTarget.normalised(target, path);
    return new GatewayRequest(
        frontend,
        request,
        loop,
        client,
        frontend.trusted().isTls(client, headers),
        clientTarget,
        target,
        uri,
        headers.get(HttpHeaderNames.HOST),
        request.protocolVersion(),
        HttpUtil.is100ContinueExpected(request),
        body,
        handshake,
        RequestParts.of(uri, headers),
        frontend.on(loop).ids().keepOrMake(headers.get("x-request-id")));
  }

  /** Whether filters see {@link #host} without its empty port, which {@link java.net.URI} drops. */
  public boolean isHostShortened() {
    return RequestTarget.hasEmptyPort(host);
  }

  @Override
  public boolean mayOpenTunnel() {
    return handshake;
  }

  /** Whether it asks for another protocol, of which filters decide. */
  @Override
  public boolean offersUpgrade() {
    return UpgradeOffer.isMade(version, message.headers());
  }

  @Override
  public @Nullable Exchange begin(Downstream downstream) {
    prepare();
    return frontend.gateway().exchange(this, downstream);
  }

  /** Removes what filters may not believe, or what the lane passes on by itself. */
  private void prepare() {
    HttpHeaders headers = message.headers();
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
  }

  /** The lane's filters have done so. */
  @Override
  public void applyToResponse(HttpResponse head) {}

  /** Filters may have said so. */
  @Override
  public boolean isLast(HttpResponse head) {
    return !HttpUtil.isKeepAlive(head);
  }

  @Override
  public void left(long startNanos) {
    ended(0, startNanos, 0, RequestEnd.CLIENT_GONE);
  }

  @Override
  public void refuse(int status, Downstream downstream, RequestEnd end) {
    respond(status, 0, downstream, end);
  }

  /**
   * Sends an error response before the lane has the request, and reports it.
   *
   * @param retryAfter in seconds; 0 if it is not known
   */
  void respond(int status, long retryAfter, Downstream downstream, RequestEnd end) {
    long start = System.nanoTime();
    long bytes =
        frontend
            .errors()
            .of(status, null, message.method(), message.headers(), id, retryAfter)
            .send(downstream, message.method());
    ended(status, start, bytes, end);
  }

  private void ended(int status, long start, long bytes, RequestEnd end) {
    frontend
        .listener()
        .endedLocally(
            LocalResponseSender.outcome(
                null, message, clientTarget, client, id, status, end, start, bytes),
            message.headers());
  }
}
