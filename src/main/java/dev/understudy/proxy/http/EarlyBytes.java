package dev.understudy.proxy.http;

import io.netty.buffer.ByteBuf;
import io.netty.channel.ChannelDuplexHandler;
import io.netty.channel.ChannelHandlerContext;
import io.netty.util.ReferenceCountUtil;
import java.util.ArrayDeque;

/**
 * Keeps the bytes that arrive between the removal of a channel's HTTP codec and the first read of
 * the tunnel that follows. Add it last, before the codec is removed. Passes everything on once the
 * kept bytes are delivered.
 */
public final class EarlyBytes extends ChannelDuplexHandler {
  private final ArrayDeque<Object> pending = new ArrayDeque<>(2);
  private boolean passing;

  @Override
  public void channelRead(ChannelHandlerContext ctx, Object msg) {
    if (passing) {
      ctx.fireChannelRead(msg);
    } else if (msg instanceof ByteBuf) {
      pending.add(msg);
    } else {
      ReferenceCountUtil.release(msg);
    }
  }

  @Override
  public void channelReadComplete(ChannelHandlerContext ctx) {
    if (passing) {
      ctx.fireChannelReadComplete();
    }
  }

  @Override
  public void read(ChannelHandlerContext ctx) {
    if (passing || pending.isEmpty()) {
      passing = true;
      ctx.read();
      return;
    }
    passing = true;
    deliver(ctx);
    if (ctx.channel().config().isAutoRead()) {
      // The channelReadComplete fired above is not the channel's own, so no automatic read follows
      // it.
      ctx.read();
    }
  }

  @Override
  public void channelInactive(ChannelHandlerContext ctx) {
    passing = true;
    deliver(ctx);
    ctx.fireChannelInactive();
  }

  @Override
  public void handlerRemoved(ChannelHandlerContext ctx) {
    pending.forEach(ReferenceCountUtil::release);
    pending.clear();
  }

  private void deliver(ChannelHandlerContext ctx) {
    if (pending.isEmpty()) {
      return;
    }
    for (Object msg = pending.poll(); msg != null; msg = pending.poll()) {
      ctx.fireChannelRead(msg);
    }
    ctx.fireChannelReadComplete();
  }
}
