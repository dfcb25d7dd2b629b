package dev.understudy.testing;

import dev.understudy.proxy.engine.SelectedServer;
import dev.understudy.proxy.engine.TunnelFactory;
import dev.understudy.traffic.RequestEnd;
import io.netty.buffer.ByteBuf;
import io.netty.channel.Channel;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelInboundHandlerAdapter;
import io.netty.util.ReferenceCountUtil;

/** Relays bytes and nothing else, for tests of what happens before there is a tunnel. */
public final class PlainTunnel implements TunnelFactory {
  @Override
  public void open(
      Channel client, Channel upstream, SelectedServer to, boolean webSocket, Listener listener) {
    long[] bytes = new long[2];
    client.pipeline().addLast(new Relay(upstream, bytes, 0));
    upstream.pipeline().addLast(new Relay(client, bytes, 1));
    client.closeFuture().addListener(done -> upstream.close());
    upstream
        .closeFuture()
        .addListener(
            done -> {
              client.close();
              listener.closed(RequestEnd.TUNNEL_CLOSED, bytes[0], bytes[1]);
            });
    client.config().setAutoRead(true);
    upstream.config().setAutoRead(true);
  }

  private static final class Relay extends ChannelInboundHandlerAdapter {
    private final Channel to;
    private final long[] bytes;
    private final int direction;

    Relay(Channel to, long[] bytes, int direction) {
      this.to = to;
      this.bytes = bytes;
      this.direction = direction;
    }

    @Override
    public void channelRead(ChannelHandlerContext ctx, Object msg) {
      if (msg instanceof ByteBuf data) {
        bytes[direction] += data.readableBytes();
        to.writeAndFlush(data);
      } else {
        ReferenceCountUtil.release(msg); // The end of the handshake.
      }
    }

    @Override
    public void exceptionCaught(ChannelHandlerContext ctx, Throwable cause) {
      ctx.close();
    }
  }
}
