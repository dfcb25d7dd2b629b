package dev.understudy.proxy.eventloop;

import io.netty.channel.Channel;
import io.netty.channel.ChannelOutboundBuffer;
import java.util.function.LongConsumer;

/** What one user of a connection has given to it that is not sent, as a part of a total. */
public final class PendingBytes {
  private final LongConsumer total;
  private long counted;

  /**
   * @param total called with each change
   */
  public PendingBytes(LongConsumer total) {
    this.total = total;
  }

  /** Counts what is unsent now, in bytes, instead of what was before. */
  public void count(long now) {
    long change = now - counted;
    if (change != 0) {
      counted = now;
      total.accept(change);
    }
  }

  /**
   * Returns the bytes that were written to a socket and not sent, with Netty's cost of each piece;
   * 0 of a closed one. Call on the channel's event loop only.
   */
  public static long of(Channel socket) {
    ChannelOutboundBuffer buffer = socket.unsafe().outboundBuffer();
    return buffer == null ? 0 : buffer.totalPendingWriteBytes();
  }
}
