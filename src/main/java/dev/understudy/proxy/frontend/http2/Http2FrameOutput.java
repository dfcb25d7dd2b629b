package dev.understudy.proxy.frontend.http2;

import dev.understudy.proxy.eventloop.CoalescedFlush;
import dev.understudy.proxy.eventloop.PerEventLoop;
import dev.understudy.proxy.flowcontrol.PinnedMemory;
import dev.understudy.proxy.frontend.ClientMemory;
import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import io.netty.channel.Channel;
import io.netty.channel.ChannelFuture;
import io.netty.channel.ChannelHandlerContext;
import io.netty.handler.codec.http.DefaultHttpResponse;
import io.netty.handler.codec.http.HttpHeaders;
import io.netty.handler.codec.http.HttpResponse;
import io.netty.handler.codec.http.HttpResponseStatus;
import io.netty.handler.codec.http.HttpVersion;
import io.netty.handler.codec.http2.Http2Error;
import io.netty.handler.codec.http2.Http2FrameWriter;
import io.netty.handler.codec.http2.Http2Headers;
import io.netty.handler.codec.http2.Http2RemoteFlowController;
import io.netty.handler.codec.http2.Http2Stream;
import org.jspecify.annotations.Nullable;

/** Writes the frames of one connection's responses and tunnels. */
// A failed write closes the connection.
@SuppressWarnings("FutureReturnValueIgnored")
final class Http2FrameOutput {
  private final Http2RequestCodec codec;
  private final ChannelHandlerContext ctx;
  private final Http2FrameWriter frames;
  private final CoalescedFlush flush;
  private final ClientMemory memory;

  /**
   * @param ctx the codec's context
   * @param memory what the connection holds
   */
  Http2FrameOutput(Http2RequestCodec codec, ChannelHandlerContext ctx, ClientMemory memory) {
    this.codec = codec;
    this.ctx = ctx;
    this.memory = memory;
    this.frames = codec.encoder().frameWriter();
    this.flush = new CoalescedFlush(ctx.channel());
  }

  /** The connection. */
  Channel channel() {
    return ctx.channel();
  }

  Http2RemoteFlowController flow() {
    return codec.encoder().flowController();
  }

  /** The largest frame in bytes that the client takes. */
  int maxFrame() {
    return frames.configuration().frameSizePolicy().maxFrameSize();
  }

  /** What the connection holds. */
  ClientMemory memory() {
    return memory;
  }

  /**
   * Returns the data as it may wait: a copy if it cannot be sent soon and is a small part of its
   * buffer, which it would keep.
   *
   * @param before bytes that wait before it
   */
  ByteBuf waiting(Http2Stream stream, ByteBuf data, int before) {
    int length = data.readableBytes();
    int window =
        Math.min(
            flow().windowSize(stream), flow().windowSize(codec.connection().connectionStream()));
    if ((window >= before + length && isWritable()) || length >= PinnedMemory.of(data) / 4) {
      return data;
    }
    try {
      ByteBuf copy = ctx.alloc().buffer(length, length).writeBytes(data);
      data.release();
      return copy;
    } catch (OutOfMemoryError e) {
      return data;
    }
  }

  /** Tells a stream in a task of its own that it may be writable again. */
  void writableSoon(Http2ClientStream stream) {
    PerEventLoop.run(ctx.channel().eventLoop(), stream::connectionWritable);
  }

  /** Whether the connection takes more before what was written has been sent. */
  boolean isWritable() {
    return ctx.channel().isWritable();
  }

  /** Writes a 1xx response other than 101. */
  void informational(Http2Stream stream, HttpResponse response) {
    if (isOpen(stream)) {
      fields(stream, response, false);
    }
  }

  /** Writes a final head. */
  void head(Http2Stream stream, HttpResponse response, boolean end) {
    if (isOpen(stream)) {
      fields(stream, response, end);
      stream.headersSent(false);
    }
  }

  /** Responds without a body to a request of which nothing more is read. */
  void refuse(Http2Stream stream, HttpResponseStatus status, HttpHeaders fields) {
    head(stream, new DefaultHttpResponse(HttpVersion.HTTP_1_1, status, fields), true);
    ended(stream, null);
    reset(stream, Http2Error.NO_ERROR);
    flushSoon();
  }

  private void fields(Http2Stream stream, HttpResponse response, boolean end) {
    write(stream, Http2Fields.response(response.status().codeAsText(), response.headers()), end);
  }

  /** Writes fields. A failure may leave the client with another state of HPACK than we have. */
  private void write(Http2Stream stream, Http2Headers fields, boolean end) {
    try {
      frames.writeHeaders(ctx, stream.id(), fields, 0, end, ctx.voidPromise());
    } catch (RuntimeException | OutOfMemoryError e) {
      broken(e);
    }
  }

  /** Ends the connection for an error. */
  void broken(Throwable cause) {
    codec.onError(ctx, true, cause);
  }

  /** Writes trailers, which end the stream. */
  void trailers(Http2Stream stream, HttpHeaders trailers) {
    if (isOpen(stream)) {
      write(stream, Http2Fields.trailers(trailers), true);
    }
  }

  /** Writes an empty DATA frame, which ends the stream. */
  void end(Http2Stream stream) {
    if (isOpen(stream)) {
      frames.writeData(ctx, stream.id(), Unpooled.EMPTY_BUFFER, 0, true, ctx.voidPromise());
    }
  }

  /**
   * Closes our side of a stream whose last frame was written.
   *
   * @param left run when that has left; null for nothing
   */
  void ended(Http2Stream stream, @Nullable Runnable left) {
    if (!isOpen(stream)) {
      return;
    }
    // The last stream of a connection that is leaving closes it, for which all must have left. A
    // stream whose client does not read counts as one of those that it may have.
    ChannelFuture gone =
        left == null && !codec.connection().goAwaySent() && isWritable()
            ? ctx.newSucceededFuture()
            : ctx.write(Unpooled.EMPTY_BUFFER);
    codec.closeStreamLocal(stream, gone);
    if (left != null) {
      gone.addListener(done -> left.run());
    }
  }

  /** Resets a stream, unless it has ended. */
  void reset(Http2Stream stream, Http2Error why) {
    if (isOpen(stream) && !stream.isResetSent()) {
      // By the encoder, which bounds how many resets a client can cause.
      codec.encoder().writeRstStream(ctx, stream.id(), why.code(), ctx.newPromise());
      if (!codec.connection().goAwaySent()) {
        // At once: what waits for the stream must not follow.
        codec.closeStream(stream, ctx.newSucceededFuture());
      }
      flushSoon();
    }
  }

  private static boolean isOpen(Http2Stream stream) {
    return stream.state() != Http2Stream.State.CLOSED;
  }

  /**
   * Flushes once for all writes in the same turn of the event loop: the responses of the streams
   * come from as many connections to servers, and leave in one TLS record.
   */
  void flushSoon() {
    flush.plan();
  }
}
