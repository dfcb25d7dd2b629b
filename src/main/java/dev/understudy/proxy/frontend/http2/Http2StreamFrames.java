package dev.understudy.proxy.frontend.http2;

import io.netty.buffer.ByteBuf;
import io.netty.channel.ChannelHandlerContext;
import io.netty.handler.codec.http2.Http2Connection;
import io.netty.handler.codec.http2.Http2Exception;
import io.netty.handler.codec.http2.Http2Flags;
import io.netty.handler.codec.http2.Http2FrameListener;
import io.netty.handler.codec.http2.Http2FrameListenerDecorator;
import io.netty.handler.codec.http2.Http2Headers;
import io.netty.handler.codec.http2.Http2Stream;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/**
 * Leads the frames of streams to their {@link Http2ClientStream}, past the codec, which would make
 * objects of them.
 *
 * <p>What a stream's request throws ends that stream alone, not the connection.
 */
final class Http2StreamFrames extends Http2FrameListenerDecorator {
  private final Http2Connection netty;
  private @Nullable Http2ClientConnection connection;

  Http2StreamFrames(Http2Connection netty, Http2FrameListener codec) {
    super(codec);
    this.netty = netty;
  }

  void to(Http2ClientConnection handler) {
    connection = handler;
  }

  private Http2ClientConnection connection() {
    return Objects.requireNonNull(connection, "no handler behind the codec");
  }

  @Override
  public int onDataRead(ChannelHandlerContext ctx, int id, ByteBuf data, int padding, boolean end)
      throws Http2Exception {
    Http2ClientStream stream = connection().stream(id);
    if (stream == null) {
      return data.readableBytes() + padding;
    }
    try {
      return stream.data(data, end) + padding;
    } catch (RuntimeException | StackOverflowError e) {
      stream.failed(e);
      // What is left of its window is restored with the end of the stream.
      return 0;
    }
  }

  @Override
  public void onHeadersRead(
      ChannelHandlerContext ctx, int id, Http2Headers headers, int padding, boolean end)
      throws Http2Exception {
    Http2ClientStream stream = connection().stream(id);
    if (stream == null) {
      Http2Stream opened = netty.stream(id);
      if (opened != null) {
        connection().head(opened, headers, end);
      }
    } else {
      try {
        stream.trailers(Http2Fields.fields(headers));
      } catch (RuntimeException | StackOverflowError e) {
        stream.failed(e);
      }
    }
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
    onHeadersRead(ctx, id, headers, padding, end);
  }

  @Override
  public void onRstStreamRead(ChannelHandlerContext ctx, int id, long error) throws Http2Exception {
    Http2ClientStream stream = connection().stream(id);
    if (stream != null) {
      stream.gone();
    }
  }

  @Override
  public void onWindowUpdateRead(ChannelHandlerContext ctx, int id, int increment) {
    // The codec has opened the window; nobody else asks.
  }

  @Override
  public void onPriorityRead(
      ChannelHandlerContext ctx, int id, int dependency, short weight, boolean exclusive) {
    // Deprecated (RFC 9113 §5.3.2).
  }

  @Override
  public void onGoAwayRead(ChannelHandlerContext ctx, int last, long error, ByteBuf debug) {
    // The proxy opens no streams towards clients.
  }

  @Override
  public void onUnknownFrame(
      ChannelHandlerContext ctx, byte type, int id, Http2Flags flags, ByteBuf payload) {
    // To be ignored (RFC 9113 §5.5).
  }
}
