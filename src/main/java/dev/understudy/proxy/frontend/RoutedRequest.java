package dev.understudy.proxy.frontend;

import dev.understudy.proxy.engine.Downstream;
import dev.understudy.proxy.engine.Exchange;
import dev.understudy.proxy.http.ClientConnection;
import dev.understudy.proxy.http.RequestParts;
import dev.understudy.proxy.http.WebSocketHandshake;
import dev.understudy.proxy.route.CompiledRoute;
import dev.understudy.proxy.route.RouteTable;
import dev.understudy.traffic.RequestEnd;
import io.netty.channel.EventLoop;
import io.netty.handler.codec.http.HttpHeaderNames;
import io.netty.handler.codec.http.HttpRequest;
import io.netty.handler.codec.http.HttpResponse;
import org.jspecify.annotations.Nullable;

/** An admitted request whose lane is chosen: {@link ExpressRequest} if its route is compiled. */
public sealed interface RoutedRequest permits ExpressRequest, GatewayRequest {
  /**
   * Whether the request may make its connection a tunnel, as far as is known before its filters.
   */
  boolean mayOpenTunnel();

  /** The client's connection. */
  ClientConnection client();

  /** What a step that waits keeps beside the request, in bytes. */
  default long stepBytes() {
    return 0;
  }

  /** Its parts of which its lane makes objects. */
  default RequestParts parts() {
    return RequestParts.NONE;
  }

  /** Whether filters may yet let the request ask for another protocol. */
  default boolean offersUpgrade() {
    return false;
  }

  /**
   * Runs the filters, or hands the request to what does, and creates the exchange, which is not
   * started yet.
   *
   * @return null if there is a local response, or will be one later
   */
  @Nullable Exchange begin(Downstream downstream);

  /** Applies the filters that the request has passed to a head of a response, 101 included. */
  void applyToResponse(HttpResponse head);

  /** Whether the head says that the client's connection ends with this response. */
  default boolean isLast(HttpResponse head) {
    return false;
  }

  /** Drops a local response that waits for its time; nobody is left to read it. */
  default void clientGone() {}

  /** Reports a client that has gone before there was a response. */
  void left(long startNanos);

  /** Drops a local response that waits for its time; returns false if none does. */
  default boolean dropResponse() {
    return false;
  }

  /** Sends an error response, and reports it. */
  void refuse(int status, Downstream downstream, RequestEnd end);

  /**
   * Chooses the lane of a request; leaves the request as it is.
   *
   * @param request an admitted request without the fields that its client may not set
   * @param clientTarget the target in the form in which the client sent it
   * @param loop the client's event loop, which must be the calling thread's
   */
  static RoutedRequest of(
      Frontend frontend,
      HttpRequest request,
      String clientTarget,
      ClientConnection client,
      EventLoop loop) {
    String target = RequestTarget.originForm(request.uri());
    String path = RequestTarget.normalisedPath(target);
    String host = RequestTarget.withoutEmptyPort(request.headers().get(HttpHeaderNames.HOST));
    boolean body = RequestAdmission.hasBody(request);
    boolean handshake =
        WebSocketHandshake.isRelayed(
            request.method(), request.protocolVersion(), request.headers(), body);
    RouteTable routes = frontend.routes().on(client.listener());
    ExpressRequest express =
        new ExpressRequest(
            frontend, request, clientTarget, target, path, client, body, handshake, loop);
    CompiledRoute route =
        routes.hasConditions()
            ? routes.find(request.method(), host, path, express.facts())
            : routes.find(request.method(), host, path);
    return route == null
        ? GatewayRequest.of(
            frontend, request, clientTarget, target, path, client, body, handshake, loop)
        : express.on(route);
  }
}
