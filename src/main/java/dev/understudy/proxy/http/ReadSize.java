package dev.understudy.proxy.http;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.ByteBufAllocator;
import io.netty.channel.AdaptiveRecvByteBufAllocator;
import io.netty.channel.Channel;
import io.netty.channel.RecvByteBufAllocator;
import io.netty.util.AttributeKey;
import io.netty.util.UncheckedBooleanSupplier;

/**
 * How much one connection is read at a time: as Netty adapts it to what comes, up to 64 KB in each
 * of four buffers, but little from a peer that sends small pieces. A read is decoded whole, and 64
 * KB in pieces of one byte would keep the event loop from its other connections for a millisecond,
 * as often as there are such peers. Used on the connection's event loop only.
 */
public final class ReadSize implements RecvByteBufAllocator {
  private static final AttributeKey<ReadSize> KEY = AttributeKey.valueOf(ReadSize.class.getName());

  /** Bounds the part of a body that arrives unrequested while its request waits. */
  private static final int BUFFERS_PER_READ = 4;

  private static final AdaptiveRecvByteBufAllocator USUAL = usual();

  /** What is read at a time while pieces are small, in bytes. */
  static final int LITTLE = 4096;

  private boolean little;

  private ReadSize() {}

  private static AdaptiveRecvByteBufAllocator usual() {
    AdaptiveRecvByteBufAllocator made = new AdaptiveRecvByteBufAllocator();
    made.maxMessagesPerRead(BUFFERS_PER_READ);
    return made;
  }

  /** Sets how a connection is read, before its first read. Returns the connection. */
  public static <C extends Channel> C on(C connection) {
    ReadSize made = new ReadSize();
    connection.attr(KEY).set(made);
    connection.config().setRecvByteBufAllocator(made);
    return connection;
  }

  /**
   * Sets how much the next reads of a connection bring.
   *
   * @param little whether the last one brought many small pieces
   */
  static void set(Channel connection, boolean little) {
    ReadSize known = connection.attr(KEY).get();
    if (known != null) {
      known.little = little;
    }
  }

  @Override
  public ExtendedHandle newHandle() {
    return new Reads((ExtendedHandle) USUAL.newHandle());
  }

  private final class Reads extends DelegatingHandle implements ExtendedHandle {
    private final ExtendedHandle usual;

    Reads(ExtendedHandle usual) {
      super(usual);
      this.usual = usual;
    }

    @Override
    public ByteBuf allocate(ByteBufAllocator buffers) {
      return little ? buffers.ioBuffer(LITTLE, LITTLE) : usual.allocate(buffers);
    }

    @Override
    public int guess() {
      return little ? LITTLE : usual.guess();
    }

    @Override
    public boolean continueReading(UncheckedBooleanSupplier mayBeMore) {
      return !little && usual.continueReading(mayBeMore);
    }

    @Override
    public boolean continueReading() {
      return !little && usual.continueReading();
    }
  }
}
