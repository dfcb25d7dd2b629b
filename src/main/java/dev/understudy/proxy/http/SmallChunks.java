package dev.understudy.proxy.http;

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
 * bytes wherever it waits, and a microsecond or more of its event loop.
 */
public final class SmallChunks {
  /** A chunk that is joined with others is smaller than this, in bytes. */
  private static final int SMALL = 1024;

  /** The most digits of a small chunk's size. */
  private static final int MOST_DIGITS = 3;

  /** The longest size line that is read here, in bytes; others are as rare as their length. */
  private static final int MOST_LINE = 256;

  /** With more small chunks in a read, the next one is to be shorter. */
  private static final int MANY = 128;

  /** Where joined chunks end, in bytes. */
  private static final int MOST_JOINED = 8 * SMALL;

  /** Whether blanks may stand before the end of a size line. */
  private final boolean padded;

  /** Reads size lines of another form than mere digits. */
  private final ChunkSizeLine line = new ChunkSizeLine();

  /** The joined chunks; null if there are none. */
  private @Nullable HttpContent joined;

  /** How many small chunks this read has brought. */
  private int count;

  /** Whether the connection is read little at a time. */
  private boolean little;

  /** Whether {@link #joined} has a buffer of its own. */
  private boolean own;

  /**
   * Creates it for one connection.
   *
   * @param padded whether blanks may stand before the end of a size line, which RFC 9112 §7.1 does
   *     not allow
   */
  public SmallChunks(boolean padded) {
    this.padded = padded;
  }

  /** Whether no chunk waits for others. */
  public boolean isEmpty() {
    return joined == null;
  }

  /**
   * Takes the small chunks that are next and whole. Netty needs a microsecond for each, so that a
   * few peers would keep an event loop busy by chunks of one byte.
   */
  public void take(ByteBufAllocator buffers, ByteBuf in, List<Object> out) {
    int before = in.readerIndex();
    for (int length = next(in); length >= 0; length = next(in)) {
      HttpContent full = joined;
      if (!hasRoom() && full != null) {
        out.add(full);
        joined = null;
      }
      own(buffers).content().writeBytes(in, length);
      in.skipBytes(2);
      count++;
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
  private int next(ByteBuf in) {
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
    if (digits == 0 || end - at < 2) {
      return -1;
    }
    if (isLineEnd(in, at)) {
      return chunk(in, at + 2, size);
    }
    boolean large = size > 0xff && Character.digit(in.getByte(at), 16) >= 0;
    return large ? -1 : unusual(in, end);
  }

  /** As {@link #next}, for a line with an extension, leading zeros or blanks. */
  private int unusual(ByteBuf in, int end) {
    int to = Math.min(end, in.readerIndex() + MOST_LINE);
    int at = in.readerIndex();
    line.begin();
    while (at < to && !line.isOver()) {
      if (padded) {
        at = withoutPadding(in, at, to);
      }
      if (!line.take((char) (in.getByte(at++) & 0xff))) {
        return -1;
      }
    }
    return line.isOver() && line.size() < SMALL ? chunk(in, at, (int) line.size()) : -1;
  }

  /** Returns the index of the CR behind blanks, or the index itself. */
  private static int withoutPadding(ByteBuf in, int from, int to) {
    int at = from;
    while (at < to && (in.getByte(at) == ' ' || in.getByte(at) == '\t')) {
      at++;
    }
    return at < to && in.getByte(at) == '\r' ? at : from;
  }

  /** Skips to a chunk's data, if that is small and here with the end of its line. */
  private static int chunk(ByteBuf in, int data, int size) {
    if (size <= 0 || size >= SMALL || in.writerIndex() - data < size + 2) {
      return -1;
    }
    if (!isLineEnd(in, data + size)) {
      return -1;
    }
    in.readerIndex(data);
    return size;
  }

  private static boolean isLineEnd(ByteBuf in, int at) {
    return in.getShort(at) == ('\r' << 8 | '\n');
  }

  /** Takes small chunks out of the messages, and puts joined ones before what follows them. */
  public void join(ByteBufAllocator buffers, List<Object> out, int at) {
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
    count++;
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

  /** Passes on what is joined, at the end of the read, and sets how long the next one may be. */
  public void pass(ChannelHandlerContext ctx) {
    boolean many = count > MANY;
    count = 0;
    if (many != little) {
      little = many;
      ReadSize.set(ctx.channel(), many);
    }
    HttpContent all = joined;
    joined = null;
    if (all != null) {
      ctx.fireChannelRead(all);
    }
  }
}
