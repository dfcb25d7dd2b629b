package dev.understudy.proxy.eventloop;

import io.netty.buffer.ByteBuf;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelPipeline;
import io.netty.handler.codec.ByteToMessageDecoder;
import java.lang.invoke.MethodHandles;
import java.lang.invoke.VarHandle;
import org.jspecify.annotations.Nullable;

/**
 * What the first decoder of a connection has read and not decoded: the beginning of a PROXY
 * protocol header, of a ClientHello or of a TLS record. Used on the connection's event loop only.
 */
public final class CumulatedBytes {
  /** Where a decoder keeps them; null if this Netty has no such field. */
  private static final @Nullable VarHandle CUMULATION = cumulation();

  private final ChannelPipeline pipeline;

  /** The first decoder at the last look; null if there was none. */
  private @Nullable ChannelHandlerContext first;

  public CumulatedBytes(ChannelPipeline pipeline) {
    this.pipeline = pipeline;
  }

  private static @Nullable VarHandle cumulation() {
    try {
      return MethodHandles.privateLookupIn(ByteToMessageDecoder.class, MethodHandles.lookup())
          .findVarHandle(ByteToMessageDecoder.class, "cumulation", ByteBuf.class);
    } catch (ReflectiveOperationException e) {
      return null;
    }
  }

  /**
   * Returns the size in bytes of the buffer in which they are; 0 if that decoder is the given one,
   * which counts its own.
   */
  // Decoders are compared by identity.
  @SuppressWarnings("ReferenceEquality")
  public long before(@Nullable ByteToMessageDecoder known) {
    ChannelHandlerContext decoder = first;
    if (decoder == null || decoder.isRemoved()) {
      decoder = pipeline.context(ByteToMessageDecoder.class);
      first = decoder;
    }
    if (decoder == null || decoder.handler() == known || CUMULATION == null) {
      return 0;
    }
    ByteBuf bytes = (ByteBuf) CUMULATION.get((ByteToMessageDecoder) decoder.handler());
    return bytes == null ? 0 : bytes.capacity();
  }
}
