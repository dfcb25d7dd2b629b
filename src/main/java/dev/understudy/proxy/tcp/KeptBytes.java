package dev.understudy.proxy.tcp;

import dev.understudy.proxy.eventloop.FailedWrites;
import io.netty.buffer.ByteBuf;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelPromise;
import java.util.ArrayDeque;
import java.util.Queue;

/**
 * Bytes of a client that no server has got: those that came before one was connected, at most those
 * that had come when it was accepted, of the three reads that the beginning requests, of one more
 * after the first, and of one that epoll makes unasked at the client's end; later, those of the
 * first read.
 */
// Buffers are compared by identity; the first write's promise tells whether any byte was sent.
@SuppressWarnings({"ReferenceEquality", "FutureReturnValueIgnored"})
final class KeptBytes {
  private final Queue<ByteBuf> pieces = new ArrayDeque<>(4);

  void add(ByteBuf data) {
    pieces.add(data);
  }

  /** Whether one read brought all of them. */
  boolean isOnePiece() {
    return pieces.size() == 1;
  }

  /**
   * Passes them to a server; all are kept until {@link #release}.
   *
   * @param needsPromises whether the server's channel {@linkplain FailedWrites#needPromises needs
   *     promises}
   * @param flush false if the client's end follows, which is to leave in the same packet
   * @return how many; negative if none was sent, as the server had reset the connection
   */
  int pass(RelayAttempt by, ChannelHandlerContext out, boolean needsPromises, boolean flush) {
    ChannelPromise sent = FailedWrites.promise(out, true);
    ByteBuf first = pieces.element();
    int begin = first.readerIndex();
    int length = 0;
    for (ByteBuf data : pieces) {
      length += data.readableBytes();
      by.passes(false, data);
      out.write(data.retain(), data == first ? sent : FailedWrites.promise(out, needsPromises));
    }
    if (flush) {
      out.flush();
    }
    return sent.cause() != null && isWhole(first, begin) && !needsPromises ? -1 : length;
  }

  /**
   * Whether nothing of a buffer was written; the transport would write a copy of one on the heap.
   */
  private static boolean isWhole(ByteBuf data, int begin) {
    return data.isDirect() && data.readerIndex() == begin;
  }

  void release() {
    pieces.forEach(ByteBuf::release);
  }
}
