package dev.understudy.proxy.front.http1;

import dev.understudy.proxy.front.FrontDoor;
import io.netty.channel.ChannelDuplexHandler;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelPromise;
import io.netty.channel.socket.ChannelInputShutdownEvent;
import io.netty.handler.ssl.SslCloseCompletionEvent;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/** Where {@link Http1Front} stands in a client's pipeline: right after the codec. */
// A close that fails has closed.
@SuppressWarnings("FutureReturnValueIgnored")
public final class Http1Handler extends ChannelDuplexHandler {
  private final FrontDoor door;
  private @Nullable Http1Front front;
  private boolean begun;

  /** The handler of one HTTP/1 connection; to be added right after its codec. */
  public Http1Handler(FrontDoor door) {
    this.door = door;
  }

  @Override
  public void handlerAdded(ChannelHandlerContext ctx) {
    front = new Http1Front(door, ctx);
    HalfClose.allow(ctx.channel());
    if (ctx.channel().isActive()) {
      begin();
    }
  }

  @Override
  public void channelActive(ChannelHandlerContext ctx) {
    begin();
    ctx.fireChannelActive();
  }

  private void begin() {
    if (!begun) {
      begun = true;
      front().begin();
    }
  }

  @Override
  public void channelInactive(ChannelHandlerContext ctx) {
    front().clientGone();
    ctx.fireChannelInactive();
  }

  /** Reactor Netty does not hear of the end of input: it would close at once. */
  @Override
  public void userEventTriggered(ChannelHandlerContext ctx, Object event) {
    if (isEndOfInput(event)) {
      HalfClose.keep(ctx.channel());
      front().inputEnds();
    } else {
      ctx.fireUserEventTriggered(event);
    }
  }

  private static boolean isEndOfInput(Object event) {
    return event instanceof ChannelInputShutdownEvent
        || (event instanceof SslCloseCompletionEvent tls && tls.isSuccess());
  }

  @Override
  public void handlerRemoved(ChannelHandlerContext ctx) {
    front().leave();
  }

  @Override
  public void channelRead(ChannelHandlerContext ctx, Object msg) {
    front().received(msg);
  }

  @Override
  public void channelReadComplete(ChannelHandlerContext ctx) {
    front().readIsOver();
  }

  @Override
  public void channelWritabilityChanged(ChannelHandlerContext ctx) {
    if (front().writabilityChanged()) {
      ctx.fireChannelWritabilityChanged();
    }
  }

  /**
   * The client broke TLS, or the connection off. Reactor Netty is to hear of its end and no more: a
   * client that breaks TLS would make a line in the Gateway's log.
   */
  @Override
  public void exceptionCaught(ChannelHandlerContext ctx, Throwable cause) {
    ctx.close();
  }

  /** Reactor Netty's, as {@link #write} is: the engine's side begins behind them. */
  @Override
  public void read(ChannelHandlerContext ctx) {
    front().gatewayWantsMore();
  }

  @Override
  public void write(ChannelHandlerContext ctx, Object msg, ChannelPromise promise) {
    front().gatewayWrites(msg, promise);
  }

  @Override
  public void close(ChannelHandlerContext ctx, ChannelPromise promise) {
    if (front().gatewayCloses()) {
      ctx.channel().closeFuture().addListener(closed -> promise.trySuccess());
    } else {
      ctx.close(promise);
    }
  }

  /** What it stands for. */
  public Http1Front front() {
    return Objects.requireNonNull(front);
  }
}
