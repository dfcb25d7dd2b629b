package dev.understudy.proxy.frontend;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.ByteBufUtil;
import io.netty.buffer.Unpooled;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelPipeline;
import io.netty.channel.socket.ChannelInputShutdownEvent;
import io.netty.handler.codec.http2.Http2CodecUtil;
import java.util.function.Consumer;

/**
 * The first bytes of a plain connection: those of HTTP/2 by prior knowledge are its preface (RFC
 * 9113 §3.3 and §3.4); any other connection stays with the HTTP/1 handlers behind, which limit the
 * time for the first bytes of both. Bytes that match are not stored: they equal the preface.
 */
public final class PriorKnowledge extends HttpVersionChoice {
  private static final byte[] PREFACE = ByteBufUtil.getBytes(Http2CodecUtil.connectionPrefaceBuf());

  private final Frontend frontend;
  private final Consumer<ChannelPipeline> http2;
  private final Consumer<ChannelPipeline> chosen;
  private int matched;
  private long since;

  /**
   * Creates the handler of one connection, to be added before all that read from it.
   *
   * @param http2 replaces what is behind this handler by the pipeline of HTTP/2
   * @param chosen called with that pipeline once it is built
   */
  public PriorKnowledge(
      Frontend frontend, Consumer<ChannelPipeline> http2, Consumer<ChannelPipeline> chosen) {
    this.frontend = frontend;
    this.http2 = http2;
    this.chosen = chosen;
  }

  @Override
  public void handlerAdded(ChannelHandlerContext ctx) {
    since = frontend.on(ctx.channel().eventLoop()).mark();
  }

  @Override
  long since() {
    return since;
  }

  @Override
  public void channelRead(ChannelHandlerContext ctx, Object msg) {
    ByteBuf data = (ByteBuf) msg;
    int before = matched;
    int at = data.readerIndex();
    while (at < data.writerIndex()
        && matched < PREFACE.length
        && data.getByte(at) == PREFACE[matched]) {
      at++;
      matched++;
    }
    if (matched == PREFACE.length) {
      try {
        frontend.on(ctx.channel().eventLoop()).whileSwitchingProtocol(() -> choose(ctx.pipeline()));
      } catch (RuntimeException | Error e) {
        // Nobody limits its time any more.
        data.release();
        var unused = ctx.close();
        throw e;
      }
    } else if (at == data.writerIndex()) {
      data.release();
      return;
    }
    ctx.pipeline().remove(this);
    ctx.fireChannelRead(before == 0 ? data : joined(ctx, before, data));
  }

  private void choose(ChannelPipeline pipeline) {
    build(() -> http2.accept(pipeline));
    chosen.accept(pipeline);
  }

  private static ByteBuf joined(ChannelHandlerContext ctx, int before, ByteBuf data) {
    try {
      return ctx.alloc()
          .ioBuffer(before + data.readableBytes())
          .writeBytes(PREFACE, 0, before)
          .writeBytes(data);
    } finally {
      data.release();
    }
  }

  /** Reads on while the bytes may still be a preface; the handlers behind have seen none. */
  @Override
  public void channelReadComplete(ChannelHandlerContext ctx) {
    ctx.read();
  }

  /** Passes what has matched at the end of the input. */
  @Override
  public void userEventTriggered(ChannelHandlerContext ctx, Object event) {
    if (event instanceof ChannelInputShutdownEvent) {
      ctx.pipeline().remove(this);
      if (matched > 0) {
        ctx.fireChannelRead(joined(ctx, matched, Unpooled.EMPTY_BUFFER));
        ctx.fireChannelReadComplete();
      }
    }
    ctx.fireUserEventTriggered(event);
  }
}
