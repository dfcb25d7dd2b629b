package dev.understudy.proxy.compress;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.ByteBufAllocator;
import java.nio.ByteBuffer;
import java.util.function.Consumer;
import java.util.zip.CRC32;
import java.util.zip.Deflater;

/** One stream of gzip (RFC 1952), made piece by piece. Used on one event loop. */
final class GzipStream {
  /** Without a time and a name; 255: unknown system. */
  private static final byte[] HEADER = {0x1f, (byte) 0x8b, 8, 0, 0, 0, 0, 0, 0, (byte) 0xff};

  private static final int LARGEST_PIECE = 16 * 1024;
  private static final int TRAILER_AND_MORE = 64;

  private final Deflater deflater;
  private final Consumer<ByteBuf> out;
  private final Consumer<Deflater> free;
  private final CRC32 sum = new CRC32();
  private boolean begun;

  /** Whether the deflater may keep bytes that were not sent. */
  private boolean dirty;

  /** Whether a piece is being handed on, during which the stream may be {@linkplain #end ended}. */
  private boolean running;

  private boolean ended;

  /**
   * @param deflater of raw data
   * @param out takes the pieces, and their references; may {@link #end} the stream
   * @param free takes the deflater back
   */
  GzipStream(Deflater deflater, Consumer<ByteBuf> out, Consumer<Deflater> free) {
    this.deflater = deflater;
    this.out = out;
    this.free = free;
  }

  /** Compresses a piece, of which a part may be kept back. Leaves the reference to the caller. */
  void write(ByteBuf data) {
    for (ByteBuffer piece : data.nioBuffers()) {
      if (ended) {
        return;
      }
      sum.update(piece.duplicate());
      deflater.setInput(piece);
      run(Deflater.NO_FLUSH, piece.remaining());
    }
    dirty = true;
  }

  /** Sends all that was kept back. */
  void flush() {
    if (dirty && !ended) {
      dirty = false;
      run(Deflater.SYNC_FLUSH, 0);
    }
  }

  /** Sends the end of the stream. */
  void finish() {
    if (ended) {
      return;
    }
    deflater.finish();
    run(Deflater.NO_FLUSH, 0);
  }

  /**
   * Gives the deflater back, once nothing uses it any more: the taker of a piece may end the stream
   * while more pieces are to come, and another stream may take the deflater at once.
   */
  void end() {
    if (!ended) {
      ended = true;
      if (!running) {
        free.accept(deflater);
      }
    }
  }

  private void run(int flush, int input) {
    running = true;
    try {
      pieces(flush, input);
    } finally {
      running = false;
      if (ended) {
        free.accept(deflater);
      }
    }
  }

  private void pieces(int flush, int input) {
    boolean more = true;
    while (more && !ended) {
      int size = Math.min(LARGEST_PIECE, input / 2 + 512);
      ByteBuf piece = ByteBufAllocator.DEFAULT.ioBuffer(size + TRAILER_AND_MORE);
      if (!begun) {
        piece.writeBytes(HEADER);
      }
      int room = piece.writableBytes() - TRAILER_AND_MORE / 2;
      int written = deflate(piece, room, flush);
      more = written == room;
      if (!more && deflater.finished()) {
        piece.writeIntLE((int) sum.getValue()).writeIntLE((int) deflater.getBytesRead());
      }
      if (written == 0 && !deflater.finished()) {
        piece.release();
      } else {
        begun = true;
        out.accept(piece);
      }
    }
  }

  private int deflate(ByteBuf to, int room, int flush) {
    ByteBuffer target = to.internalNioBuffer(to.writerIndex(), room);
    int written = deflater.deflate(target, flush);
    to.writerIndex(to.writerIndex() + written);
    return written;
  }
}
