package dev.understudy.demo;

import io.netty.channel.ChannelHandler;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.SimpleChannelInboundHandler;
import io.netty.handler.codec.http.HttpResponseStatus;
import io.netty.handler.codec.http.websocketx.TextWebSocketFrame;
import io.netty.handler.codec.http.websocketx.WebSocketServerProtocolConfig;
import io.netty.handler.codec.http.websocketx.WebSocketServerProtocolHandler;
import io.netty.handler.codec.http.websocketx.WebSocketServerProtocolHandler.HandshakeComplete;
import java.util.List;
import java.util.concurrent.ThreadLocalRandom;
import java.util.concurrent.TimeUnit;
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
      new WebSocketServerProtocolHandler(WEB_SOCKET),
      new Ticker(),
      DemoExchange.handler(this::handle)
    };
  }

  private void handle(DemoExchange exchange) {
    boolean isProbe = exchange.path().equals("/status");
    if (!isProbe) {
      requests.incrementAndGet();
    }
    if (exchange.isPost() && exchange.path().equals("/orders")) {
      order(exchange, exchange.parameter("id"));
    } else if (!exchange.isRead()) {
      exchange.sendProblem(HttpResponseStatus.METHOD_NOT_ALLOWED, "Only GET, or POST /orders.");
    } else if (isProbe) {
      exchange.sendJson(HttpResponseStatus.OK, new Status("ok", "1.0", name));
    } else if (exchange.path().equals("/")) {
      exchange.sendPage();
    } else if (exchange.path().equals("/whoami")) {
      exchange.sendJson(HttpResponseStatus.OK, new Identity(name, name, id, requests()));
    } else {
      exchange.sendProblem(HttpResponseStatus.NOT_FOUND, "No such page.");
    }
  }

  private void order(DemoExchange exchange, List<String> ids) {
    if (ids.size() != 1 || !Orders.isId(ids.getFirst())) {
      exchange.sendProblem(
          HttpResponseStatus.BAD_REQUEST,
          "Expected one id of 1 to 64 letters, digits and hyphens.");
      return;
    }
    String order = ids.getFirst();
    exchange.sendJson(HttpResponseStatus.CREATED, new Order(order, name, orders.execute(order)));
  }

  private record Status(String status, String version, String name) {}

  private record Order(String id, String by, int executions) {}

  /** A server, whose name equals its rank. */
  private record Identity(String name, String rank, int id, long requests) {}

  /**
   * The server side of a WebSocket: sends a numbered message with the server's name every second,
   * and echoes texts.
   */
  @SuppressWarnings("FutureReturnValueIgnored") // a disconnected client needs no tick
  private final class Ticker extends SimpleChannelInboundHandler<TextWebSocketFrame> {
    private int ticks;

    @Override
    public void userEventTriggered(ChannelHandlerContext ctx, Object event) throws Exception {
      if (event instanceof HandshakeComplete) {
        // A fixed delay: after a freeze, missed ticks are not made up for.
        var ticking =
            ctx.executor().scheduleWithFixedDelay(() -> tick(ctx), 0, 1, TimeUnit.SECONDS);
        ctx.channel().closeFuture().addListener(closed -> ticking.cancel(false));
      } else {
        super.userEventTriggered(ctx, event);
      }
    }

    private void tick(ChannelHandlerContext ctx) {
      ticks++;
      ctx.writeAndFlush(new TextWebSocketFrame("tick " + ticks + " from " + name));
    }

    @Override
    protected void channelRead0(ChannelHandlerContext ctx, TextWebSocketFrame frame) {
      ctx.writeAndFlush(new TextWebSocketFrame(name + " echoes: " + frame.text()));
    }
  }
}
