package dev.understudy.proxy.front;

import dev.understudy.proxy.http.ClientConnection;
import dev.understudy.proxy.http.WebSocketHandshake;
import dev.understudy.proxy.route.CompiledRoute;
import io.netty.channel.EventLoop;
import io.netty.handler.codec.http.HttpHeaderNames;
import io.netty.handler.codec.http.HttpRequest;

/** An admitted request whose lane is chosen: {@link ExpressTurn} if its route is compiled. */
public sealed interface RoutedRequest permits ExpressTurn, GatewayRequest {

  /**
   * Chooses the lane of a request; leaves the request as it is.
   *
   * @param request an admitted request without the fields that its client may not set
   * @param clientTarget the target in the form in which the client sent it
   * @param loop the client's event loop, which must be the calling thread's
   */
  static RoutedRequest of(
      FrontDoor door,
      HttpRequest request,
      String clientTarget,
      ClientConnection client,
      EventLoop loop) {
    String target = RequestTarget.originForm(request.uri());
    String path = RequestTarget.normalisedPath(target);
    CompiledRoute route =
        door.routes()
            .on(client.listener())
            .find(
                request.method(),
                RequestTarget.withoutEmptyPort(request.headers().get(HttpHeaderNames.HOST)),
                path);
    boolean body = RequestAdmission.hasBody(request);
    boolean handshake =
        WebSocketHandshake.isRelayed(
            request.method(), request.protocolVersion(), request.headers(), body);
    return route == null
        ? GatewayRequest.of(
            door, request, clientTarget, target, path, client, body, handshake, loop)
        : new ExpressTurn(
            door, route, request, clientTarget, target, path, client, body, handshake, loop);
  }

  /**
   * Whether the request is relayed as a WebSocket handshake: its connection may become a tunnel.
   */
  boolean handshake();
}
