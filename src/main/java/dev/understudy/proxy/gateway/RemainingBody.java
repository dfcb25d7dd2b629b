package dev.understudy.proxy.gateway;

import dev.understudy.proxy.front.RemainingBodyLimits;
import io.netty.channel.Channel;
import io.netty.channel.ChannelDuplexHandler;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelPromise;
import io.netty.handler.codec.http.HttpContent;
import io.netty.handler.codec.http.HttpRequest;
import io.netty.handler.codec.http.HttpResponse;
import io.netty.handler.codec.http.HttpStatusClass;
import io.netty.handler.codec.http.LastHttpContent;
import io.netty.handler.codec.http2.Http2StreamChannel;
import io.netty.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;
import reactor.netty.NettyPipeline;

/**
 * Bounds what a client may still send on an HTTP/2 stream whose request has been answered already:
 * a little is read and dropped, where Reactor Netty alone would read on without end. What is closed
 * then is the stream (RFC 9113 §8.1). Of HTTP/1 the front does that.
 *
 * <p>Stands before Reactor Netty's own handler, which drops such content, and counts messages:
 * requests come in order, and so do answers.
 */
@SuppressWarnings(
    "FutureReturnValueIgnored") // whoever gave the promise hears of a write that fails
final class RemainingBody extends ChannelDuplexHandler {
  private static final String NAME = NettyPipeline.LEFT + "understudyLeftover";

  /** Requests whose final responses have not ended; the first came before us. */
  private int unanswered = 1;

  /** Whether the newest request has not ended. */
  private boolean open;

  private boolean dropping;
  private long dropped;
  private @Nullable Future<?> limit;

  private RemainingBody(boolean open) {
    this.open = open;
  }

  /**
   * Watches a stream of HTTP/2; to be called while the head of a request is read.
   *
   * @param body whether that request has one; its end is still to come then
   */
  static void watch(Channel channel, boolean body) {
    if (channel instanceof Http2StreamChannel
        && channel.pipeline().context(NettyPipeline.HttpTrafficHandler) != null
        && channel.pipeline().context(NAME) == null) {
      channel.pipeline().addBefore(NettyPipeline.HttpTrafficHandler, NAME, new RemainingBody(body));
    }
  }

  @Override
  public void channelRead(ChannelHandlerContext ctx, Object message) {
    if (message instanceof HttpRequest) {
      unanswered++;
      open = true;
    }
    if (message instanceof HttpContent content) {
      if (dropping) {
        dropped += content.content().readableBytes();
      }
      if (message instanceof LastHttpContent) {
        open = false;
        stop();
      }
    }
    ctx.fireChannelRead(message);
    if (dropping && dropped > RemainingBodyLimits.MAX_BYTES) {
      stop();
      ClientChannel.refuseRest(ctx.channel());
    }
  }

  @Override
  public void write(ChannelHandlerContext ctx, Object message, ChannelPromise promise) {
    if (!(message instanceof LastHttpContent) || isInformational(message)) {
      ctx.write(message, promise);
      return;
    }
    unanswered--;
    if (open && unanswered == 0) {
      ctx.write(message, promise.unvoid()).addListener(written -> begin(ctx));
    } else {
      ctx.write(message, promise);
    }
  }

  private static boolean isInformational(Object message) {
    return message instanceof HttpResponse response
        && response.status().codeClass() == HttpStatusClass.INFORMATIONAL;
  }

  /** The response is out. */
  private void begin(ChannelHandlerContext ctx) {
    if (open && unanswered == 0 && !dropping && !ctx.isRemoved() && ctx.channel().isActive()) {
      dropping = true;
      dropped = 0;
      limit =
          ctx.executor()
              .schedule(
                  () -> ClientChannel.refuseRest(ctx.channel()),
                  RemainingBodyLimits.MAX_NANOS,
                  TimeUnit.NANOSECONDS);
    }
  }

  private void stop() {
    dropping = false;
    Future<?> running = limit;
    limit = null;
    if (running != null) {
      running.cancel(false);
    }
  }

  @Override
  public void channelInactive(ChannelHandlerContext ctx) {
    stop();
    ctx.fireChannelInactive();
  }

  @Override
  public void handlerRemoved(ChannelHandlerContext ctx) {
    stop();
  }
}
