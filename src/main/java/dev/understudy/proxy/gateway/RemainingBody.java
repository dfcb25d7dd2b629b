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
 * Bounds the remaining body of a request on an HTTP/2 stream whose response is complete: a limited
 * amount is read and dropped, then the stream is closed (RFC 9113 §8.1). Reactor Netty alone would
 * read on without limit. For HTTP/1 the front does the same.
 *
 * <p>Stands before Reactor Netty's own handler, which drops such content, and counts messages:
 * requests come in order, and so do responses.
 */
@SuppressWarnings(
    "FutureReturnValueIgnored") // the caller that gave the promise learns of a failed write
final class RemainingBody extends ChannelDuplexHandler {
  private static final String NAME = NettyPipeline.LEFT + "understudyLeftover";

  /**
   * The number of requests whose final responses have not ended; the first preceded this handler.
   */
  private int unanswered = 1;

  /** Whether the end of the newest request is still to come. */
  private boolean open;

  private boolean dropping;
  private long dropped;
  private @Nullable Future<?> limit;

  private RemainingBody(boolean open) {
    this.open = open;
  }

  /**
   * Installs the handler on an HTTP/2 stream; called while the head of a request is read.
   *
   * @param body whether that request has a body, so that its end is still to come
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

  /** Starts to drop the remaining body after the response has been written. */
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
