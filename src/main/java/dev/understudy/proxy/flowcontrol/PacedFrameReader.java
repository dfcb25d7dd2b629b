package dev.understudy.proxy.flowcontrol;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import io.netty.channel.Channel;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelInboundHandler;
import io.netty.channel.socket.DuplexChannel;
import io.netty.handler.codec.http2.Http2CodecUtil;
import io.netty.handler.codec.http2.Http2Exception;
import io.netty.handler.codec.http2.Http2FrameListener;
import io.netty.handler.codec.http2.Http2FrameReader;
import java.util.concurrent.TimeUnit;

/**
 * Reads the frames of one HTTP/2 connection so that small ones keep no event loop from its other
 * connections:
 *
 * <ul>
 *   <li>Small DATA frames of one stream that follow one another in a buffer become one, of the
 *       largest size that is allowed. Each would cost two to five microseconds. Those that are
 *       padded, empty or end the stream stay as they are.
 *   <li>After {@link #MOST} frames the connection's next turn comes after all others', and until
 *       then nothing is read. Whatever a peer sends by the end of its output is still read.
 * </ul>
 *
 * <p>Reads whole frames alone. The codec tells it of turns, see {@link PacedFrameCodec}.
 */
public final class PacedFrameReader implements Http2FrameReader {
  /** The most frames in a turn. */
  static final int MOST = 64;

  /** A DATA frame that is joined with others has fewer bytes than this. */
  private static final int SMALL = 1024;

  /** Offsets in a frame's header (RFC 9113 §4.1). */
  public static final int TYPE = 3;

  public static final int FLAGS = TYPE + 1;
  public static final int STREAM = FLAGS + 1;

  private static final int HEADER = Http2CodecUtil.FRAME_HEADER_LENGTH;

  /** Up to so many bytes are moved one by one. */
  private static final int FEW = 16;

  private final Http2FrameReader frames;

  /** The frames that may still be read in this turn. */
  private int left = MOST;

  /** Whether frames wait for the next turn. */
  private boolean waiting;

  /** Whether the channel is not read, since the first of the turns that frames wait for. */
  private boolean paused;

  /** Whether the channel read by itself before that. */
  private boolean autoRead;

  /** Whether the connection is ending and all input is dropped. */
  private boolean failed;

  /**
   * Creates the reader of one connection.
   *
   * @param frames reads one whole frame at a time
   */
  public PacedFrameReader(Http2FrameReader frames) {
    this.frames = frames;
  }

  @Override
  public void readFrame(ChannelHandlerContext ctx, ByteBuf input, Http2FrameListener listener)
      throws Http2Exception {
    if (failed) {
      input.skipBytes(input.readableBytes());
      return;
    }
    while (hasFrame(input)) {
      if (left <= 0 && takesMore(ctx.channel())) {
        putOff(ctx);
        return;
      }
      left--;
      readOne(ctx, input, listener);
    }
  }

  /** Whether more bytes, or a later turn, can come. */
  private static boolean takesMore(Channel channel) {
    return channel.isActive()
        && !(channel instanceof DuplexChannel socket && socket.isInputShutdown());
  }

  private void putOff(ChannelHandlerContext ctx) {
    if (waiting) {
      return;
    }
    waiting = true;
    if (!paused) {
      paused = true;
      autoRead = ctx.channel().config().isAutoRead();
      ctx.channel().config().setAutoRead(false);
    }
    later(ctx);
  }

  /** Not a task: those that tasks bring run before the loop looks at its other channels. */
  @SuppressWarnings("FutureReturnValueIgnored") // it ends with the loop at the latest
  private void later(ChannelHandlerContext ctx) {
    ctx.executor().schedule(() -> goOn(ctx), 1, TimeUnit.NANOSECONDS);
  }

  private void goOn(ChannelHandlerContext ctx) {
    if (ctx.isRemoved()) {
      return;
    }
    waiting = false;
    left = MOST;
    ChannelInboundHandler codec = (ChannelInboundHandler) ctx.handler();
    try {
      codec.channelRead(ctx, Unpooled.EMPTY_BUFFER);
      if (!waiting) {
        paused = false;
        ctx.channel().config().setAutoRead(autoRead);
      }
      codec.channelReadComplete(ctx);
    } catch (Exception e) {
      ctx.fireExceptionCaught(e);
    }
  }

  /** Whether frames wait for the next turn, and nothing may be read until then. */
  boolean isWaiting() {
    return waiting;
  }

  /** Ends a turn. */
  void turnOver() {
    left = MOST;
  }

  /** Whether a whole frame is readable, or one that is too large. */
  private boolean hasFrame(ByteBuf input) {
    return input.readableBytes() >= HEADER
        && input.readableBytes() >= length(input, input.readerIndex());
  }

  /** The length of a frame in bytes with its header; of one that is too large, the header's. */
  private int length(ByteBuf input, int at) {
    int payload = input.getUnsignedMedium(at);
    return HEADER + (payload > maxFrameSize() ? 0 : payload);
  }

  private int maxFrameSize() {
    return configuration().frameSizePolicy().maxFrameSize();
  }

  private void readOne(ChannelHandlerContext ctx, ByteBuf input, Http2FrameListener listener)
      throws Http2Exception {
    int end = input.writerIndex();
    int next = join(input);
    input.writerIndex(input.readerIndex() + length(input, input.readerIndex()));
    boolean good = false;
    try {
      frames.readFrame(ctx, input, listener);
      good = true;
    } catch (Http2Exception e) {
      good = Http2Exception.isStreamError(e);
      throw e;
    } finally {
      failed |= !good;
      boolean read = !input.isReadable();
      input.writerIndex(end);
      if (read) {
        input.readerIndex(next);
      }
    }
  }

  /**
   * Joins the frame at the reader index with those behind it, if they are small DATA frames of its
   * stream. Returns the index behind the last of them.
   */
  private int join(ByteBuf input) {
    int first = input.readerIndex();
    int next = first + length(input, first);
    int size = input.getUnsignedMedium(first);
    if (!isSmall(size) || !isPlainData(input, first)) {
      return next;
    }
    int to = next;
    int end = input.writerIndex();
    int most = maxFrameSize();
    int stream = input.getInt(first + STREAM);
    while (end - next >= HEADER) {
      int more = input.getUnsignedMedium(next);
      if (!isSmall(more)
          || size + more > most
          || end - next < HEADER + more
          || !isPlainData(input, next)
          || input.getInt(next + STREAM) != stream) {
        break;
      }
      move(input, next + HEADER, to, more);
      size += more;
      to += more;
      next += HEADER + more;
    }
    input.setMedium(first, size);
    return next;
  }

  private static boolean isSmall(int size) {
    return size > 0 && size < SMALL;
  }

  /** Whether a frame is DATA without a flag. */
  private static boolean isPlainData(ByteBuf input, int at) {
    return input.getShort(at + TYPE) == 0;
  }

  /** Moves bytes down. */
  private static void move(ByteBuf in, int from, int to, int length) {
    if (length > FEW) {
      in.setBytes(to, in, from, length);
      return;
    }
    for (int i = 0; i < length; i++) {
      in.setByte(to + i, in.getByte(from + i));
    }
  }

  @Override
  public Configuration configuration() {
    return frames.configuration();
  }

  @Override
  public void close() {
    frames.close();
  }
}
