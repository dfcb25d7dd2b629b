package dev.understudy.proxy;

import dev.understudy.pool.HoldSettings;
import io.netty.buffer.ByteBuf;
import io.netty.buffer.ByteBufAllocator;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.atomic.AtomicLong;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/**
 * A request's body on its way: what came before there was a server to send it to, and a bounded
 * copy of what was sent, for as long as it may have to be sent again.
 *
 * <p>What is kept is counted for the whole pool, and bounded by that too.
 *
 * <p>Bytes are copied into blocks of our own, so that many small pieces pin no large buffers.
 * Blocks never move: what was written from them stays valid while more is added.
 */
final class RequestBody {
  private static final int BLOCK = 4096;

  private final ByteBufAllocator allocator;
  private final HoldSettings limits;
  private final AtomicLong held;
  private boolean keepSent;

  /** All bytes from the first one on, as long as {@link #whole}. */
  private final List<ByteBuf> blocks = new ArrayList<>(0);

  /** What no longer fitted, or came while what was before it was being sent; not yet sent. */
  private final ArrayDeque<ByteBuf> excess = new ArrayDeque<>(0);

  private int size;
  private boolean whole = true;
  private boolean tooLarge;
  private boolean sendingAll;

  /**
   * An empty body.
   *
   * @param limits how much may be kept of it, and of all of its pool
   * @param held what is kept of all of its pool
   * @param keepSent whether what was sent may have to be sent again
   */
  RequestBody(ByteBufAllocator allocator, HoldSettings limits, AtomicLong held, boolean keepSent) {
    this.allocator = allocator;
    this.limits = limits;
    this.held = held;
    this.keepSent = keepSent;
  }

  /** Whether more may be read while there is no server to send it to. */
  boolean hasRoom() {
    return excess.isEmpty() && size < limits.bodyBytes() && held.get() < limits.allBodyBytes();
  }

  /** Whether everything that was sent can be sent again. */
  boolean isWhole() {
    return whole;
  }

  /** Whether it could have been sent again, had it been smaller. */
  boolean isTooLarge() {
    return tooLarge;
  }

  /** Takes a piece for which there is no server yet. */
  void hold(ByteBuf piece) {
    if (whole && excess.isEmpty() && fits(piece)) {
      copy(piece);
      piece.release();
    } else {
      putOff(piece);
    }
  }

  private void putOff(ByteBuf piece) {
    held.addAndGet(piece.readableBytes());
    excess.add(piece);
  }

  private @Nullable ByteBuf takeExcess() {
    ByteBuf piece = excess.poll();
    if (piece != null) {
      held.addAndGet(-piece.readableBytes());
    }
    return piece;
  }

  /** Sends a piece, and keeps a copy if it may have to be sent again. */
  void send(ByteBuf piece, Consumer<ByteBuf> server) {
    if (sendingAll) {
      // A write can make room, and room can bring the next piece at once: it waits its turn.
      putOff(piece);
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
        tooLarge |= keepSent;
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
      tooLarge |= keepSent;
      forget();
    }
    sendingAll = true;
    pieces.forEach(server);
    for (ByteBuf piece = takeExcess(); piece != null; piece = takeExcess()) {
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
    for (ByteBuf piece = takeExcess(); piece != null; piece = takeExcess()) {
      piece.release();
    }
  }

  private void forget() {
    if (whole) {
      whole = false;
      if (size > 0) {
        held.addAndGet(-size);
      }
      blocks.forEach(ByteBuf::release);
      blocks.clear();
    }
  }

  private boolean fits(ByteBuf piece) {
    int length = piece.readableBytes();
    return length <= limits.bodyBytes() - size && held.get() + length <= limits.allBodyBytes();
  }

  private void copy(ByteBuf piece) {
    int from = piece.readerIndex();
    int left = piece.readableBytes();
    size += left;
    held.addAndGet(left);
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
