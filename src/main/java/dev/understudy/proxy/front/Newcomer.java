package dev.understudy.proxy.front;

import dev.understudy.proxy.Limit;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelInboundHandlerAdapter;
import io.netty.channel.ChannelPipeline;
import io.netty.handler.ssl.SslHandshakeCompletionEvent;
import java.util.Objects;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/**
 * A connection of a client whose TLS handshake is not over. Which HTTP it will speak is chosen in
 * it (RFC 7301).
 */
// A close that fails has closed.
@SuppressWarnings("FutureReturnValueIgnored")
final class Newcomer extends ChannelInboundHandlerAdapter implements FrontLoop.Member {
  private final FrontDoor door;
  private final Consumer<ChannelPipeline> chosen;
  private @Nullable ChannelHandlerContext context;
  private @Nullable FrontLoop loop;
  private @Nullable Patience patience;
  private int slot = -1;

  Newcomer(FrontDoor door, Consumer<ChannelPipeline> chosen) {
    this.door = door;
    this.chosen = chosen;
  }

  @Override
  public void handlerAdded(ChannelHandlerContext ctx) {
    context = ctx;
    FrontLoop own = door.on(ctx.channel().eventLoop());
    loop = own;
    patience = new Patience(own);
    own.enter(this);
  }

  @Override
  public void handlerRemoved(ChannelHandlerContext ctx) {
    Objects.requireNonNull(loop).leave(this);
  }

  @Override
  public void userEventTriggered(ChannelHandlerContext ctx, Object event) {
    // The pipeline is built in this call.
    ctx.fireUserEventTriggered(event);
    if (event instanceof SslHandshakeCompletionEvent done && !ctx.isRemoved()) {
      if (done.isSuccess() && ctx.channel().isActive()) {
        chosen.accept(ctx.pipeline());
      }
      ctx.pipeline().remove(this);
    }
  }

  @Override
  public int slot() {
    return slot;
  }

  @Override
  public void slot(int given) {
    slot = given;
  }

  @Override
  public long waitingSince() {
    return patience().since();
  }

  @Override
  public void shed() {
    context().close();
  }

  @Override
  public void sweep(long nowClock) {
    if (patience().waited(nowClock) >= door.limits().headerTimeout().toNanos()) {
      door.listener().limited(Limit.HEADER_TIME);
      context().close();
    }
  }

  @Override
  public void drain() {
    context().close();
  }

  private ChannelHandlerContext context() {
    return Objects.requireNonNull(context);
  }

  private Patience patience() {
    return Objects.requireNonNull(patience);
  }
}
