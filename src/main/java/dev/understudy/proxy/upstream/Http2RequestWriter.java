package dev.understudy.proxy.upstream;

import dev.understudy.proxy.http.Http2Heads;
import io.netty.buffer.ByteBuf;
import io.netty.handler.codec.http.HttpHeaders;
import io.netty.handler.codec.http2.DefaultHttp2DataFrame;
import io.netty.handler.codec.http2.DefaultHttp2HeadersFrame;
import io.netty.handler.codec.http2.DefaultHttp2ResetFrame;
import io.netty.handler.codec.http2.Http2Error;
import io.netty.handler.codec.http2.Http2Headers;
import io.netty.handler.codec.http2.Http2StreamChannel;

/**
 * Writes the request of one stream. It drops what the server needs no more: the response may still
 * be in the buffer.
 */
// Failed writes end the connection, and the stream with it.
@SuppressWarnings("FutureReturnValueIgnored")
final class Http2RequestWriter {
  private final Http2StreamChannel channel;
  private final Http2Codec codec;

  Http2RequestWriter(Http2StreamChannel channel, Http2Codec codec) {
    this.channel = channel;
    this.codec = codec;
  }

  Http2StreamChannel channel() {
    return channel;
  }

  /** Writes the head; {@code end} if there is no body. */
  void head(Http2Headers head, boolean end) {
    write(new DefaultHttp2HeadersFrame(head, end));
  }

  /** Writes a piece of the body. Takes over the reference. */
  void body(ByteBuf data) {
    if (data.isReadable() && isOpen()) {
      write(new DefaultHttp2DataFrame(data, false));
    } else {
      data.release();
    }
  }

  void end(HttpHeaders trailers) {
    if (!isOpen()) {
      return;
    }
    if (trailers.isEmpty()) {
      write(new DefaultHttp2DataFrame(true));
      return;
    }
    Http2Headers last;
    try {
      last = Http2Heads.trailers(trailers);
    } catch (IllegalArgumentException e) {
      // The server has the request already, and must not wait for trailers that cannot be sent.
      write(new DefaultHttp2DataFrame(true));
      return;
    }
    write(new DefaultHttp2HeadersFrame(last, true));
  }

  /** Whether the request has no end yet, or one that waits for the server's windows. */
  boolean isOpen() {
    return channel.stream().state().localSideOpen();
  }

  /** Resets a stream whose response has ended; Netty would not if the request's end only waits. */
  void reset() {
    if (isOpen()) {
      write(new DefaultHttp2ResetFrame(Http2Error.CANCEL));
    }
    channel.close();
  }

  /** Bytes that were given and not sent, with Netty's cost of each piece. */
  long unsent() {
    if (!channel.isActive()) {
      return 0;
    }
    return channel.isWritable()
        ? channel.config().getWriteBufferHighWaterMark() - channel.bytesBeforeUnwritable() + 1
        : channel.config().getWriteBufferLowWaterMark() + channel.bytesBeforeWritable() - 1;
  }

  private void write(Object frame) {
    channel.write(frame, channel.voidPromise());
    codec.flushSoon();
  }
}
