package dev.understudy.proxy.engine;

import dev.understudy.pool.HoldSettings;
import dev.understudy.proxy.flowcontrol.PinnedMemory;
import io.netty.buffer.ByteBuf;
import io.netty.buffer.ByteBufAllocator;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.atomic.AtomicLong;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/**
 * A request's body on its way to a server: bytes that arrived before a server was available, and a
 * bounded copy of the bytes sent, kept as long as a replay is possible.
 *
 * <p>Kept bytes also count against a limit of the whole pool.
 *
 * <p>Small pieces, and those that fill less than half of their buffer, are copied into blocks of
 * our own, so that they do not pin large buffers. Blocks never move: data written from them stays
 * valid while more is added.
 */
final class RequestBody {
  private static final int BLOCK = 4096;

  private final ByteBufAllocator allocator;
  private final HoldSettings limits;
  private final AtomicLong held;
  private boolean keepSent;

  /** All bytes from the first one on, while {@link #whole} is true. */
  private final List<ByteBuf> blocks = new ArrayList<>(0);

  /** Unsent pieces that did not fit, or that arrived while earlier ones were being sent. */
  private final ArrayDeque<ByteBuf> excess = new ArrayDeque<>(0);

  private int excessBytes;
  private int size;
  private boolean whole = true;
  private boolean tooLarge;
  private boolean sendingAll;

  /**
   * Creates an empty body.
   *
   * @param limits how much may be kept of this body, and of all bodies of its pool
   * @param held bytes kept of all bodies of its pool
   * @param keepSent whether bytes that were sent may have to be replayed
   */
  RequestBody(ByteBufAllocator allocator, HoldSettings limits, AtomicLong held, boolean keepSent) {
    this.allocator = allocator;
    this.limits = limits;
    this.held = held;
    this.keepSent = keepSent;
  }

  /** Whether more may be read while no server is available. */
  boolean hasRoom() {
    return excess.isEmpty() && size < limits.bodyBytes() && held.get() < limits.allBodyBytes();
  }

  /** Bytes that are kept for a server that is awaited, or for a replay. */
  int kept() {
    return (whole ? size : 0) + excessBytes;
  }

  /** Whether everything that was sent can be replayed. */
  boolean isWhole() {
    return whole;
  }

  /** Whether only a limit on kept bytes prevents a replay. */
  boolean isTooLarge() {
    return tooLarge;
  }

  /** Takes a piece while no server is available. */
  void hold(ByteBuf piece) {
    if (whole && excess.isEmpty() && fits(piece)) {
      add(piece);
      piece.release();
    } else {
      putOff(piece);
    }
  }

  private void putOff(ByteBuf piece) {
    held.addAndGet(piece.readableBytes());
    excessBytes += piece.readableBytes();
    excess.add(piece);
  }

  private @Nullable ByteBuf takeExcess() {
    ByteBuf piece = excess.poll();
    if (piece != null) {
      held.addAndGet(-piece.readableBytes());
      excessBytes -= piece.readableBytes();
    }
    return piece;
  }

  /** Sends a piece, and keeps a copy if a replay may be needed. */
  void send(ByteBuf piece, Consumer<ByteBuf> server) {
    if (sendingAll) {
      // A write can make room, which can bring the next piece at once: that piece waits its turn.
      putOff(piece);
    } else {
      keep(piece);
      server.accept(piece);
    }
  }

  private void keep(ByteBuf piece) {
    if (whole && piece.isReadable()) {
      if (keepSent && fits(piece)) {
        add(piece);
      } else {
        tooLarge |= keepSent;
        forget();
      }
    }
  }

  /**
   * Sends everything from the first byte on; requires {@link #isWhole}, or that nothing was sent.
   */
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

  /** Gives up the copy of the bytes sent: no replay follows. */
  void settle() {
    keepSent = false;
    forget();
  }

  /** Releases everything. */
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

  private void add(ByteBuf piece) {
    int from = piece.readerIndex();
    int left = piece.readableBytes();
    size += left;
    held.addAndGet(left);
    ByteBuf block = blocks.isEmpty() ? null : blocks.get(blocks.size() - 1);
    boolean room = block != null && block.isWritable();
    if (!room && left >= BLOCK && 2 * left >= PinnedMemory.of(piece)) {
      blocks.add(piece.retainedSlice());
      return;
    }
    while (left > 0) {
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
