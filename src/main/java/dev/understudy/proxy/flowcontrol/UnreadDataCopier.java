package dev.understudy.proxy.flowcontrol;

import io.netty.buffer.ByteBuf;
import io.netty.channel.ChannelHandlerContext;
import io.netty.handler.codec.http2.Http2Connection;
import io.netty.handler.codec.http2.Http2Exception;
import io.netty.handler.codec.http2.Http2FrameListener;
import io.netty.handler.codec.http2.Http2FrameListenerDecorator;
import io.netty.handler.codec.http2.Http2Stream;

/**
 * Copies data behind other data that is unread, where it is a small part of the buffer of a whole
 * read: unread, it would keep all of that buffer, of which flow control knows nothing. Kept is so
 * at most four times what is unread within a first window, and twice beyond.
 */
final class UnreadDataCopier extends Http2FrameListenerDecorator {
  private final Http2Connection connection;

  UnreadDataCopier(Http2Connection connection, Http2FrameListener listener) {
    super(listener);
    this.connection = connection;
  }

  @Override
  public int onDataRead(ChannelHandlerContext ctx, int id, ByteBuf data, int padding, boolean end)
      throws Http2Exception {
    int length = data.readableBytes();
    int before = length == 0 ? 0 : unread(id) - length - padding;
    if (before <= 0 || length >= PinnedMemory.of(data) / (before > WindowSizing.FIRST ? 2 : 4)) {
      return super.onDataRead(ctx, id, data, padding, end);
    }
    ByteBuf copy = ctx.alloc().buffer(length, length).writeBytes(data);
    try {
      return super.onDataRead(ctx, id, copy, padding, end);
    } finally {
      copy.release();
    }
  }

  private int unread(int id) {
    Http2Stream stream = connection.stream(id);
    return stream == null ? 0 : connection.local().flowController().unconsumedBytes(stream);
  }
}
