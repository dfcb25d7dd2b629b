package dev.understudy.demo;

import io.netty.channel.ChannelHandler;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.SimpleChannelInboundHandler;
import io.netty.handler.codec.http.FullHttpRequest;
import io.netty.handler.codec.http.HttpResponseStatus;
import io.netty.handler.codec.http.QueryStringDecoder;
import io.netty.handler.codec.http.websocketx.WebSocketServerProtocolConfig;
import io.netty.handler.codec.http.websocketx.WebSocketServerProtocolHandler;
import java.util.List;
import java.util.concurrent.ThreadLocalRandom;
import java.util.concurrent.atomic.AtomicLong;

/**
 * One run of a demo server's application, from its start until it is killed.
 *
 * <pre>
 *  GET  /status      for probes: contains "version"
 *  GET  /            the page
 *  GET  /whoami      the server's name, run and number of requests
 *  GET  /websocket   a WebSocket that ticks every second, and echoes
 *  POST /orders?id=  executes an order
 * </pre>
 */
final class DemoApplication {
  /** Sends no close frame, because a killed process sends nothing. */
  private static final WebSocketServerProtocolConfig WEB_SOCKET =
      WebSocketServerProtocolConfig.newBuilder()
          .websocketPath("/websocket")
          .sendCloseFrame(null)
          .build();

  private final String name;
  private final Orders orders;

  /** Imitates a process id: each run has its own. */
  private final int id = ThreadLocalRandom.current().nextInt(1_000, 100_000);

  private final AtomicLong requests = new AtomicLong();

  DemoApplication(String name, Orders orders) {
    this.name = name;
    this.orders = orders;
  }

  int id() {
    return id;
  }

  /** The number of requests served, without probes. */
  long requests() {
    return requests.get();
  }

  ChannelHandler[] handlers() {
    return new ChannelHandler[] {
      new WebSocketServerProtocolHandler(WEB_SOCKET), new Ticker(name), new Requests()
    };
  }

  private final class Requests extends SimpleChannelInboundHandler<FullHttpRequest> {
    @Override
    protected void channelRead0(ChannelHandlerContext ctx, FullHttpRequest request) {
      QueryStringDecoder target = new QueryStringDecoder(request.uri());
      String path = target.path();
      if (!path.equals("/status")) {
        requests.incrementAndGet();
      }
      if (Responses.isRead(request)) {
        read(ctx, request, path);
      } else if (Responses.isPost(request) && path.equals("/orders")) {
        order(ctx, request, target.parameters().getOrDefault("id", List.of()));
      } else {
        Responses.sendProblem(
            ctx, request, HttpResponseStatus.METHOD_NOT_ALLOWED, "Only GET, or POST /orders.");
      }
    }

    private void read(ChannelHandlerContext ctx, FullHttpRequest request, String path) {
      switch (path) {
        case "/" -> Responses.sendPage(ctx, request);
        case "/status" ->
            Responses.sendJson(ctx, request, HttpResponseStatus.OK, new Status("ok", "1.0", name));
        case "/whoami" -> Responses.sendJson(ctx, request, HttpResponseStatus.OK, identity());
        default ->
            Responses.sendProblem(ctx, request, HttpResponseStatus.NOT_FOUND, "No such page.");
      }
    }

    private void order(ChannelHandlerContext ctx, FullHttpRequest request, List<String> ids) {
      if (ids.size() != 1 || !Orders.isId(ids.get(0))) {
        Responses.sendProblem(
            ctx,
            request,
            HttpResponseStatus.BAD_REQUEST,
            "Expected one id of 1 to 64 letters, digits and hyphens.");
        return;
      }
      String order = ids.get(0);
      int executions = orders.execute(order);
      Responses.sendJson(
          ctx, request, HttpResponseStatus.CREATED, new Order(order, name, executions));
    }
  }

  private record Status(String status, String version, String name) {}

  private record Order(String id, String by, int executions) {}

  private record Identity(String name, String rank, int id, long requests) {}

  /** Describes the server, whose name equals its rank. */
  private Identity identity() {
    return new Identity(name, name, id, requests());
  }
}
