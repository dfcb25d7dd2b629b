package dev.understudy.proxy.tcp;

import dev.understudy.pool.FirstBytes;
import dev.understudy.pool.PoolId;
import io.netty.buffer.ByteBuf;
import io.netty.channel.ChannelHandlerContext;
import io.netty.handler.codec.ByteToMessageDecoder;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * Looks at what a client sends first until that tells its pool, and passes all bytes on as they
 * came; then it removes itself. A {@link ServerNamePeek} takes its place for clients of TLS, if the
 * listener asks for server names. At the end of the client's output its bytes so far count.
 */
final class FirstBytesPeek extends ByteToMessageDecoder {
  /** Receives what was found, before the bytes. */
  interface Found {
    /**
     * The client is known.
     *
     * @param serverName null if it asks for none
     * @param byProtocol the pool of its protocol; null if that has none
     */
    void found(@Nullable String serverName, @Nullable PoolId byProtocol);
  }

  private final TcpListenerContext context;
  private final Found found;
  private final byte[] sent = new byte[FirstBytes.DECIDING];

  /** Whether no more bytes are awaited. */
  private boolean isComplete;

  private @Nullable ChannelHandlerContext added;
  private @Nullable ServerNamePeek names;

  FirstBytesPeek(TcpListenerContext context, Found found) {
    this.context = context;
    this.found = found;
  }

  @Override
  public void handlerAdded(ChannelHandlerContext ctx) {
    added = ctx;
  }

  /** Decides by what has arrived, as no more is awaited. */
  void stop() {
    if (names != null) {
      names.stop();
    } else if (added != null && !added.isRemoved()) {
      isComplete = true;
      inspect(added, internalBuffer());
    }
  }

  @Override
  protected void decode(ChannelHandlerContext ctx, ByteBuf in, List<Object> out) {
    inspect(ctx, in);
  }

  @Override
  protected void decodeLast(ChannelHandlerContext ctx, ByteBuf in, List<Object> out)
      throws Exception {
    isComplete = ctx.channel().isActive();
    super.decodeLast(ctx, in, out);
  }

  private void inspect(ChannelHandlerContext ctx, ByteBuf in) {
    int length = Math.min(in.readableBytes(), sent.length);
    in.getBytes(in.readerIndex(), sent, 0, length);
    ProtocolTable.Choice choice = context.protocols().choose(sent, length, isComplete);
    boolean tls = context.asksForName() && !isComplete && ServerNamePeek.mayBegin(sent, length);
    if (choice.awaitsMore() || (tls && length == 1) || (length == 0 && !isComplete)) {
      return;
    }
    if (tls) {
      names = new ServerNamePeek(name -> found.found(name, choice.pool()));
      ctx.pipeline().addAfter(ctx.name(), null, names);
    } else {
      found.found(null, choice.pool());
    }
    ctx.pipeline().remove(this);
  }
}
