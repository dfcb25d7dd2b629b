package dev.understudy.demo;

import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.SimpleChannelInboundHandler;
import io.netty.handler.codec.http.websocketx.TextWebSocketFrame;
import io.netty.handler.codec.http.websocketx.WebSocketServerProtocolHandler.HandshakeComplete;
import java.util.concurrent.TimeUnit;

/**
 * The server side of a WebSocket: sends a numbered message with the server's name every second, and
 * echoes texts.
 */
@SuppressWarnings("FutureReturnValueIgnored") // a disconnected client needs no tick
final class Ticker extends SimpleChannelInboundHandler<TextWebSocketFrame> {
  private final String name;
  private int ticks;

  Ticker(String name) {
    this.name = name;
  }

  @Override
  public void userEventTriggered(ChannelHandlerContext ctx, Object event) throws Exception {
    if (event instanceof HandshakeComplete) {
      // A fixed delay: after a freeze, missed ticks are not made up for.
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
