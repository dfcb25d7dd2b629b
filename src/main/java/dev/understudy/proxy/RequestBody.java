package dev.understudy.proxy;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.ByteBufAllocator;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.List;
import java.util.function.Consumer;

/**
 * A request's body on its way: what came before there was a server to send it to, and a bounded
 * copy of what was sent, for as long as it may have to be sent again.
 *
 * <p>Bytes are copied into blocks of our own, so that many small pieces pin no large buffers.
 * Blocks never move: what was written from them stays valid while more is added.
 */
final class RequestBody {
  private static final int BLOCK = 4096;

  private final ByteBufAllocator allocator;
  private final int limit;
  private boolean keepSent;

  /** All bytes from the first one on, as long as {@link #whole}. */
  private final List<ByteBuf> blocks = new ArrayList<>(0);

  /** What no longer fitted, or came while what was before it was being sent; not yet sent. */
  private final ArrayDeque<ByteBuf> excess = new ArrayDeque<>(0);

  private int size;
  private boolean whole = true;
  private boolean sendingAll;

  /**
   * An empty body.
   *
   * @param limit bytes that may be kept
   * @param keepSent whether what was sent may have to be sent again
   */
  RequestBody(ByteBufAllocator allocator, int limit, boolean keepSent) {
    this.allocator = allocator;
    this.limit = limit;
    this.keepSent = keepSent;
  }

  /** Whether more may be read while there is no server to send it to. */
  boolean hasRoom() {
    return excess.isEmpty() && size < limit;
  }

  /** Whether everything that was sent can be sent again. */
  boolean isWhole() {
    return whole;
  }

  /** Takes a piece for which there is no server yet. */
  void hold(ByteBuf piece) {
    if (whole && excess.isEmpty() && fits(piece)) {
      copy(piece);
      piece.release();
    } else {
      excess.add(piece);
    }
  }

  /** Sends a piece, and keeps a copy if it may have to be sent again. */
  void send(ByteBuf piece, Consumer<ByteBuf> server) {
    if (sendingAll) {
      // A write can make room, and room can bring the next piece at once: it waits its turn.
      excess.add(piece);
    } else {
      keep(piece);
      server.accept(piece);
    }
  }

  private void keep(ByteBuf piece) {
    if (whole && piece.isReadable()) {
      if (keepSent && fits(piece)) {
        copy(piece);
      } else {
        forget();
      }
    }
  }

  /** Sends everything from the first byte on; only while {@link #isWhole}, or nothing was sent. */
  void sendAll(Consumer<ByteBuf> server) {
    List<ByteBuf> pieces = new ArrayList<>(blocks.size());
    for (ByteBuf block : blocks) {
      pieces.add(block.retainedSlice());
    }
    if (!excess.isEmpty() || (size > 0 && !keepSent)) {
      forget();
    }
    sendingAll = true;
    pieces.forEach(server);
    for (ByteBuf piece = excess.poll(); piece != null; piece = excess.poll()) {
      keep(piece);
      server.accept(piece);
    }
    sendingAll = false;
  }

  /** What was sent will not be sent again. */
  void settle() {
    keepSent = false;
    forget();
  }

  /** Lets go of everything. */
  void release() {
    settle();
    excess.forEach(ByteBuf::release);
    excess.clear();
  }

  private void forget() {
    whole = false;
    blocks.forEach(ByteBuf::release);
    blocks.clear();
  }

  private boolean fits(ByteBuf piece) {
    return piece.readableBytes() <= limit - size;
  }

  private void copy(ByteBuf piece) {
    int from = piece.readerIndex();
    int left = piece.readableBytes();
    size += left;
    while (left > 0) {
      ByteBuf block = blocks.isEmpty() ? null : blocks.get(blocks.size() - 1);
      if (block == null || !block.isWritable()) {
        int capacity = Math.max(BLOCK, left);
        block = allocator.buffer(capacity, capacity);
        blocks.add(block);
      }
      int length = Math.min(left, block.writableBytes());
      block.writeBytes(piece, from, length);
      from += length;
      left -= length;
    }
  }
}
