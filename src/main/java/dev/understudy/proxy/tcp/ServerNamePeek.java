package dev.understudy.proxy.tcp;

import io.netty.buffer.ByteBuf;
import io.netty.channel.ChannelHandlerContext;
import io.netty.handler.ssl.AbstractSniHandler;
import io.netty.util.concurrent.Future;
import java.util.List;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/**
 * Reads the server name of a ClientHello (RFC 6066 §3) and passes all bytes on as they came; then
 * it removes itself. Bytes that are not TLS have no name, nor has a ClientHello that the client
 * leaves incomplete at the end of its output.
 */
final class ServerNamePeek extends AbstractSniHandler<Void> {
  /** The longest ClientHello; browsers send 2 KB at most, with post-quantum key shares. */
  private static final int MAX_CLIENT_HELLO = 16 * 1024;

  private final Consumer<@Nullable String> found;
  private @Nullable ChannelHandlerContext added;

  /**
   * @param found receives the name, or null if there is none, before the bytes
   */
  ServerNamePeek(Consumer<@Nullable String> found) {
    // The relay's tick limits the time.
    super(MAX_CLIENT_HELLO, 0);
    this.found = found;
  }

  @Override
  public void handlerAdded(ChannelHandlerContext ctx) throws Exception {
    super.handlerAdded(ctx);
    added = ctx;
  }

  /** Takes the client for one without a name, as no more is awaited. */
  void stop() {
    if (added != null && !added.isRemoved()) {
      found(added, null);
    }
  }

  @Override
  protected void decodeLast(ChannelHandlerContext ctx, ByteBuf in, List<Object> out)
      throws Exception {
    super.decodeLast(ctx, in, out);
    if (ctx.channel().isActive()) {
      stop();
    }
  }

  @Override
  protected Future<Void> lookup(ChannelHandlerContext ctx, String hostname) {
    return ctx.executor().newSucceededFuture(null);
  }

  @Override
  protected void onLookupComplete(ChannelHandlerContext ctx, String hostname, Future<Void> looked) {
    found(ctx, hostname);
  }

  private void found(ChannelHandlerContext ctx, @Nullable String name) {
    found.accept(name);
    ctx.pipeline().remove(this);
  }
}
