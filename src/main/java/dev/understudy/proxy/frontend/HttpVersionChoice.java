package dev.understudy.proxy.frontend;

import io.netty.channel.ChannelDuplexHandler;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelPipeline;
import io.netty.channel.ChannelPromise;
import io.netty.util.ReferenceCountUtil;

/**
 * The handler of a client's connection while its HTTP version is chosen. It removes itself
 * afterwards.
 */
public abstract class HttpVersionChoice extends ChannelDuplexHandler {
  /** Whether the rest of the pipeline is being built. */
  private boolean building;

  /**
   * The start of the choice in progress on the pipeline, by {@link FrontendLoop#mark}; the present
   * moment if there is none.
   */
  static long since(Frontend frontend, ChannelHandlerContext ctx) {
    ChannelPipeline pipeline = ctx.pipeline();
    HttpVersionChoice before = pipeline.get(HttpVersionChoice.class);
    return before == null ? frontend.on(ctx.channel().eventLoop()).mark() : before.since();
  }

  /** The start of the choice, by {@link FrontendLoop#mark}. */
  abstract long since();

  /** Does what builds the rest of the pipeline. */
  final void build(Runnable action) {
    building = true;
    try {
      action.run();
    } finally {
      building = false;
    }
  }

  /**
   * Drops the settings that Netty's HTTP/2 codec writes while the pipeline is built: {@code
   * http2.Http2RequestCodec} replaces that codec and sends its own.
   */
  @Override
  @SuppressWarnings("FutureReturnValueIgnored") // the writer holds the promise
  public final void write(ChannelHandlerContext ctx, Object msg, ChannelPromise promise) {
    if (building) {
      ReferenceCountUtil.release(msg);
      promise.setSuccess();
    } else {
      ctx.write(msg, promise);
    }
  }
}
