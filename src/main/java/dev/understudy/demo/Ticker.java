package dev.understudy.demo;

import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.SimpleChannelInboundHandler;
import io.netty.handler.codec.http.websocketx.TextWebSocketFrame;
import io.netty.handler.codec.http.websocketx.WebSocketServerProtocolHandler.HandshakeComplete;
import java.util.concurrent.TimeUnit;

/** A WebSocket's server side: says its name every second, and repeats what it is told. */
@SuppressWarnings("FutureReturnValueIgnored") // A client that is gone needs no tick.
final class Ticker extends SimpleChannelInboundHandler<TextWebSocketFrame> {
  private final String name;
  private int ticks;

  Ticker(String name) {
    this.name = name;
  }

  @Override
  public void userEventTriggered(ChannelHandlerContext ctx, Object event) throws Exception {
    if (event instanceof HandshakeComplete) {
      // With a fixed delay: after a freeze it goes on ticking and does not make up for it.
      var ticking = ctx.executor().scheduleWithFixedDelay(() -> tick(ctx), 0, 1, TimeUnit.SECONDS);
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
