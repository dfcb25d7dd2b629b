package dev.understudy.proxy.frontend;

import dev.understudy.proxy.http.ClientConnection;
import dev.understudy.proxy.http.WebSocketHandshake;
import dev.understudy.proxy.route.CompiledRoute;
import dev.understudy.proxy.route.RouteTable;
import io.netty.channel.EventLoop;
import io.netty.handler.codec.http.HttpHeaderNames;
import io.netty.handler.codec.http.HttpRequest;

/** An admitted request whose lane is chosen: {@link ExpressRequest} if its route is compiled. */
public sealed interface RoutedRequest permits ExpressRequest, GatewayRequest {

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
