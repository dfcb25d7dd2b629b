package dev.understudy.proxy.flowcontrol;

import io.netty.buffer.ByteBuf;
import io.netty.channel.ChannelHandlerContext;
import io.netty.handler.codec.http2.Http2Connection;
import io.netty.handler.codec.http2.Http2ConnectionAdapter;
import io.netty.handler.codec.http2.Http2Exception;
import io.netty.handler.codec.http2.Http2FrameListener;
import io.netty.handler.codec.http2.Http2FrameListenerDecorator;
import io.netty.handler.codec.http2.Http2Headers;
import io.netty.handler.codec.http2.Http2LocalFlowController;
import io.netty.handler.codec.http2.Http2Stream;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/**
 * Keeps what unread data costs near its size, which is all that flow control knows of: a frame of
 * one byte is some 200 bytes of objects, and may keep the buffer of a whole read.
 *
 * <table>
 *   <caption>A DATA frame of a stream</caption>
 *   <tr><td>nothing of the stream is unread</td><td>passes</td></tr>
 *   <tr><td>1 KB or more behind unread data</td><td>passes; as a copy, if it is a small part of its
 *       buffer</td></tr>
 *   <tr><td>less</td><td>is joined with those that follow. They pass when they are 1 KB, when all
 *       before them is read, and before trailers or the end of the stream or connection</td></tr>
 * </table>
 */
final class UnreadDataJoiner extends Http2FrameListenerDecorator {
  private static final int SMALL = 1024;

  /** Small frames in one buffer. */
  private static final class Joined {
    final ByteBuf data;

    /** Whether a task that passes them on is due. */
    boolean due;

    Joined(ByteBuf data) {
      this.data = data;
    }
  }

  private final Http2Connection connection;
  private final Http2Connection.PropertyKey key;
  private @Nullable ChannelHandlerContext context;

  UnreadDataJoiner(Http2Connection connection, Http2FrameListener listener) {
    super(listener);
    this.connection = connection;
    this.key = connection.newKey();
    connection.addListener(
        new Http2ConnectionAdapter() {
          @Override
          public void onStreamClosed(Http2Stream stream) {
            Joined left = stream.removeProperty(key);
            if (left != null) {
              left.data.release();
            }
          }
        });
  }

  @Override
  public int onDataRead(ChannelHandlerContext ctx, int id, ByteBuf data, int padding, boolean end)
      throws Http2Exception {
    Http2Stream stream = connection.stream(id);
    int length = data.readableBytes();
    int before = stream == null ? 0 : unread(stream) - length - padding;
    if (stream == null || before <= 0) {
      return super.onDataRead(ctx, id, data, padding, end);
    }
    Joined joined = stream.getProperty(key);
    if (length >= SMALL || (end && joined == null)) {
      return pass(ctx, stream) + copied(ctx, id, data, padding, end, before);
    }
    if (joined == null) {
      joined = new Joined(ctx.alloc().buffer(Math.max(length, SMALL / 4), 2 * SMALL));
      stream.setProperty(key, joined);
      context = ctx;
    }
    joined.data.writeBytes(data);
    if (end) {
      stream.removeProperty(key);
      return given(ctx, id, joined.data, true) + padding;
    }
    return (joined.data.readableBytes() < SMALL ? 0 : pass(ctx, stream)) + padding;
  }

  /** A small part of a buffer is copied: unread, it would keep four times its size or more. */
  private int copied(
      ChannelHandlerContext ctx, int id, ByteBuf data, int padding, boolean end, int before)
      throws Http2Exception {
    int length = data.readableBytes();
    int least = PinnedMemory.of(data) / (before > WindowSizing.FIRST ? 2 : 4);
    return length == 0 || length >= least
        ? super.onDataRead(ctx, id, data, padding, end)
        : given(ctx, id, ctx.alloc().buffer(length, length).writeBytes(data), end) + padding;
  }

  /** Passes on what is joined, if anything; returns how many bytes of it are read already. */
  private int pass(ChannelHandlerContext ctx, Http2Stream stream) throws Http2Exception {
    Joined joined = stream.removeProperty(key);
    return joined == null ? 0 : given(ctx, stream.id(), joined.data, false);
  }

  /** Passes on a buffer, and gives it away. */
  private int given(ChannelHandlerContext ctx, int id, ByteBuf data, boolean end)
      throws Http2Exception {
    try {
      return super.onDataRead(ctx, id, data, 0, end);
    } finally {
      data.release();
    }
  }

  /** Notes that data of the stream was read. */
  void consumed(Http2Stream stream) {
    Joined joined = stream.getProperty(key);
    if (joined != null && !joined.due && unread(stream) <= joined.data.readableBytes()) {
      joined.due = true;
      // Whoever reads does so in the middle of a read of the stream.
      Objects.requireNonNull(context).executor().execute(() -> passRest(stream, joined));
    }
  }

  private void passRest(Http2Stream stream, Joined joined) {
    ChannelHandlerContext ctx = Objects.requireNonNull(context);
    Joined now = stream.getProperty(key);
    if (now != joined) {
      return; // It has passed, or the stream is closed.
    }
    try {
      passOn(ctx, stream);
      ctx.fireChannelReadComplete();
      // The multiplexer leaves flushes within a read to its end, which is the codec's.
      ctx.channel().flush();
    } catch (Http2Exception e) {
      ctx.fireExceptionCaught(e);
    }
  }

  @Override
  public void onHeadersRead(
      ChannelHandlerContext ctx, int id, Http2Headers headers, int padding, boolean end)
      throws Http2Exception {
    passBefore(ctx, id);
    super.onHeadersRead(ctx, id, headers, padding, end);
  }

  @Override
  public void onHeadersRead(
      ChannelHandlerContext ctx,
      int id,
      Http2Headers headers,
      int dependency,
      short weight,
      boolean exclusive,
      int padding,
      boolean end)
      throws Http2Exception {
    passBefore(ctx, id);
    super.onHeadersRead(ctx, id, headers, dependency, weight, exclusive, padding, end);
  }

  @Override
  public void onRstStreamRead(ChannelHandlerContext ctx, int id, long error) throws Http2Exception {
    passBefore(ctx, id);
    super.onRstStreamRead(ctx, id, error);
  }

  /**
   * Handles the connection's end, before the codec does: who has not read what came before still
   * can.
   */
  void closed() {
    ChannelHandlerContext ctx = context;
    if (ctx == null) {
      return; // Nothing was ever joined.
    }
    try {
      connection.forEachActiveStream(
          stream -> {
            passOn(ctx, stream);
            return true;
          });
    } catch (Http2Exception e) {
      ctx.fireExceptionCaught(e);
    }
  }

  private void passBefore(ChannelHandlerContext ctx, int id) throws Http2Exception {
    Http2Stream stream = connection.stream(id);
    if (stream != null) {
      passOn(ctx, stream);
    }
  }

  private void passOn(ChannelHandlerContext ctx, Http2Stream stream) throws Http2Exception {
    int read = pass(ctx, stream);
    if (read > 0) {
      flow().consumeBytes(stream, read);
    }
  }

  private int unread(Http2Stream stream) {
    return flow().unconsumedBytes(stream);
  }

  private Http2LocalFlowController flow() {
    return connection.local().flowController();
  }
}
