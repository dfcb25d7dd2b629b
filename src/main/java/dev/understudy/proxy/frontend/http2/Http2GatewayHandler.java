package dev.understudy.proxy.frontend.http2;

import dev.understudy.proxy.frontend.GatewayBridge;
import io.netty.channel.ChannelDuplexHandler;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelPromise;
import io.netty.handler.codec.http.HttpObject;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/**
 * Stands in the channel of a stream whose request is the Gateway lane's, right behind the codec
 * that converts frames to HTTP/1 messages, and leads its events to the {@link Http2ClientStream}.
 */
public final class Http2GatewayHandler extends ChannelDuplexHandler {
  private final Http2ClientStream stream;
  private @Nullable ChannelHandlerContext context;

  Http2GatewayHandler(Http2ClientStream stream) {
    this.stream = stream;
  }

  @Override
  public void handlerAdded(ChannelHandlerContext ctx) {
    context = ctx;
  }

  ChannelHandlerContext context() {
    return Objects.requireNonNull(context, "not in a pipeline");
  }

  /**
   * Reads from a stream. Netty does not flush the WINDOW_UPDATE of a read that repeats an earlier
   * one, and a client with an empty window would wait for it for ever. Without such a frame, and
   * within a read of the connection, the flush has no effect.
   */
  static void readAndFlush(ChannelHandlerContext ctx) {
    ctx.read();
    ctx.flush();
  }

  @Override
  public void channelRead(ChannelHandlerContext ctx, Object msg) {
    stream.gatewayRead(msg);
  }

  /** Reads for the Gateway, which may ask by auto-read. */
  @Override
  public void read(ChannelHandlerContext ctx) {
    if (stream.gatewayReads()) {
      readAndFlush(ctx);
    }
  }

  @Override
  public void write(ChannelHandlerContext ctx, Object msg, ChannelPromise promise) {
    if (stream.isBrokenOff() && msg instanceof HttpObject) {
      GatewayBridge.discard(msg, promise);
    } else {
      stream.gatewayWrites(msg, promise);
    }
  }

  @Override
  public void channelWritabilityChanged(ChannelHandlerContext ctx) {
    stream.moved();
    stream.tellWritability();
    ctx.fireChannelWritabilityChanged();
  }
}
