package dev.understudy.proxy.frontend.http1;

import dev.understudy.proxy.engine.ChannelClose;
import dev.understudy.proxy.frontend.Frontend;
import io.netty.channel.ChannelDuplexHandler;
import io.netty.channel.ChannelHandlerContext;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/** Connects {@link Http1Frontend} to a client's pipeline, right after the codec. */
// A failed close leaves the channel closed.
@SuppressWarnings("FutureReturnValueIgnored")
public final class Http1Handler extends ChannelDuplexHandler {
  private final Frontend frontend;
  private final RequestCodec codec;
  private @Nullable Http1Frontend front;
  private boolean begun;

  /** Creates the handler of one HTTP/1 connection, to be added right after its codec. */
  public Http1Handler(Frontend frontend, RequestCodec codec) {
    this.frontend = frontend;
    this.codec = codec;
  }

  @Override
  public void handlerAdded(ChannelHandlerContext ctx) {
    front = new Http1Frontend(frontend, ctx, codec.decoder());
    ChannelClose.allow(ctx.channel());
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

  /** Withholds the end of input from what is behind, which would close the connection at once. */
  @Override
  public void userEventTriggered(ChannelHandlerContext ctx, Object event) {
    if (!ChannelClose.isEndOfInput(event)) {
      ctx.fireUserEventTriggered(event);
    } else if (ChannelClose.isTlsOver(ctx.channel())) {
      ctx.close();
    } else {
      ChannelClose.keep(ctx.channel());
      front().inputEnds();
    }
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
    front().writabilityChanged();
  }

  /** Closes a connection that failed or whose client violated TLS. */
  @Override
  public void exceptionCaught(ChannelHandlerContext ctx, Throwable cause) {
    ctx.close();
  }

  /** Withholds reads of what is behind: the frontend reads when it is due. */
  @Override
  public void read(ChannelHandlerContext ctx) {}

  /** Returns the connection's front. */
  Http1Frontend front() {
    return Objects.requireNonNull(front);
  }
}
