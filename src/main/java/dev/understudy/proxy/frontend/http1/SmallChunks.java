package dev.understudy.proxy.frontend.http1;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.ByteBufAllocator;
import io.netty.channel.ChannelHandlerContext;
import io.netty.handler.codec.http.DefaultHttpContent;
import io.netty.handler.codec.http.HttpContent;
import io.netty.handler.codec.http.LastHttpContent;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * The small chunks of one read, joined into one content: each alone would cost a hundred times its
 * bytes wherever it waits.
 */
final class SmallChunks {
  /** A chunk that is joined with others is smaller than this, in bytes. */
  private static final int SMALL = 1024;

  /** The most digits of a small chunk's size. */
  private static final int MOST_DIGITS = 3;

  /** Where joined chunks end, in bytes. */
  private static final int MOST_JOINED = 8 * SMALL;

  /** The joined chunks; null if there are none. */
  private @Nullable HttpContent joined;

  /** Whether {@link #joined} has a buffer of its own. */
  private boolean own;

  boolean isEmpty() {
    return joined == null;
  }

  /**
   * Takes the small chunks that are next and whole, as far as their size lines are plain. Netty
   * needs a microsecond for each, so that a few clients would keep an event loop busy by chunks of
   * one byte.
   */
  void take(ByteBufAllocator buffers, ByteBuf in, List<Object> out) {
    int before = in.readerIndex();
    for (int length = next(in); length >= 0; length = next(in)) {
      HttpContent full = joined;
      if (!hasRoom() && full != null) {
        out.add(full);
        joined = null;
      }
      own(buffers).content().writeBytes(in, length);
      in.skipBytes(2);
    }
    if (in.readerIndex() > before) {
      // Netty would read on after a read that brought no message, although nobody has asked for it.
      out.add(LastHttpContent.EMPTY_LAST_CONTENT);
      out.removeLast();
    }
  }

  /**
   * Skips the size line at the reader index, if it is that of a small chunk that is here as a whole
   * and not the last. Returns the length of the chunk's data; else -1, and nothing is skipped.
   */
  private static int next(ByteBuf in) {
    int at = in.readerIndex();
    int end = in.writerIndex();
    int size = 0;
    int digits = 0;
    for (; digits < MOST_DIGITS && at < end; digits++, at++) {
      int digit = Character.digit(in.getByte(at), 16);
      if (digit < 0) {
        break;
      }
      size = size * 16 + digit;
    }
    boolean whole = size > 0 && size < SMALL && end - at >= 2 + size + 2;
    if (!whole || !isLineEnd(in, at) || !isLineEnd(in, at + 2 + size)) {
      return -1;
    }
    in.readerIndex(at + 2);
    return size;
  }

  private static boolean isLineEnd(ByteBuf in, int at) {
    return in.getShort(at) == ('\r' << 8 | '\n');
  }

  /** Takes small chunks out of the messages, and puts joined ones before what follows them. */
  void join(ByteBufAllocator buffers, List<Object> out, int at) {
    int i = at;
    while (i < out.size()) {
      boolean small = isSmall(out.get(i));
      if (small && hasRoom()) {
        add(buffers, (HttpContent) out.remove(i));
      } else {
        HttpContent before = joined;
        joined = null;
        if (before != null) {
          out.add(i++, before);
        }
        if (!small) {
          i++;
        }
      }
    }
  }

  private static boolean isSmall(Object msg) {
    return msg.getClass() == DefaultHttpContent.class
        && msg instanceof HttpContent content
        && !content.decoderResult().isFailure()
        && content.content().readableBytes() < SMALL;
  }

  private boolean hasRoom() {
    return joined == null || joined.content().readableBytes() <= MOST_JOINED - SMALL;
  }

  private void add(ByteBufAllocator buffers, HttpContent chunk) {
    if (joined == null) {
      joined = chunk;
      own = false;
    } else {
      own(buffers).content().writeBytes(chunk.content());
      chunk.release();
    }
  }

  /** Returns what is joined, in a buffer of its own. */
  private HttpContent own(ByteBufAllocator buffers) {
    HttpContent first = joined;
    if (first != null && own) {
      return first;
    }
    ByteBuf all = buffers.buffer(SMALL, MOST_JOINED);
    HttpContent made = new DefaultHttpContent(all);
    if (first != null) {
      all.writeBytes(first.content());
      first.release();
    }
    joined = made;
    own = true;
    return made;
  }

  /** Passes on what is joined, at the end of the read. */
  void pass(ChannelHandlerContext ctx) {
    HttpContent all = joined;
    joined = null;
    if (all != null) {
      ctx.fireChannelRead(all);
    }
  }
}
