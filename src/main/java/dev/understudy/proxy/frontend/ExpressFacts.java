package dev.understudy.proxy.frontend;

import dev.understudy.pool.PoolId;
import dev.understudy.proxy.filter.NettyFields;
import dev.understudy.proxy.filter.RequestFacts;
import dev.understudy.proxy.http.ClientConnection;
import dev.understudy.proxy.route.CompiledRoute;
import io.netty.channel.EventLoop;
import io.netty.handler.codec.http.HttpRequest;
import org.jspecify.annotations.Nullable;

/** A request of the frontend as conditions and values see it. */
final class ExpressFacts extends RequestFacts {
  private final Frontend frontend;
  private final HttpRequest request;
  private final EventLoop loop;
  private @Nullable CompiledRoute route;
  private @Nullable String id;

  /**
   * @param target the target in origin-form, otherwise byte for byte the client's
   * @param path the normalised path of the target
   */
  ExpressFacts(
      Frontend frontend,
      HttpRequest request,
      String target,
      String path,
      ClientConnection client,
      boolean handshake,
      EventLoop loop) {
    super(
        new NettyFields(request.headers()),
        target,
        path,
        client,
        frontend.trusted().isTls(client, request.headers()),
        handshake);
    this.frontend = frontend;
    this.request = request;
    this.loop = loop;
  }

  /** Takes the route that was found. */
  void on(CompiledRoute found) {
    route = found;
  }

  @Override
  public String method() {
    return request.method().name();
  }

  @Override
  public int usableServers(PoolId pool) {
    return frontend.usableServers(pool);
  }

  /** The client's or a new one, which the server then gets too. */
  @Override
  public String requestId() {
    if (id == null) {
      id = frontend.on(loop).ids().keepOrMake(request.headers().get("x-request-id"));
      request.headers().set("x-request-id", id);
    }
    return id;
  }

  @Override
  public String pool() {
    PoolId chosen = chosenPool();
    return chosen != null ? chosen.value() : route == null ? "" : route.pool().value();
  }
}
