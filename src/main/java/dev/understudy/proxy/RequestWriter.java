package dev.understudy.proxy;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import io.netty.channel.Channel;
import io.netty.handler.codec.http.DefaultFullHttpRequest;
import io.netty.handler.codec.http.DefaultHttpRequest;
import io.netty.handler.codec.http.DefaultLastHttpContent;
import io.netty.handler.codec.http.EmptyHttpHeaders;
import io.netty.handler.codec.http.HttpHeaders;
import io.netty.handler.codec.http.HttpMethod;
import io.netty.handler.codec.http.HttpVersion;
import io.netty.handler.codec.http.LastHttpContent;

/** Writes requests on one connection, with as few flushes as their pieces allow. */
// Writes that fail are told of by exceptionCaught and channelInactive.
@SuppressWarnings("FutureReturnValueIgnored")
final class RequestWriter {
  private final Channel channel;
  private boolean flushPlanned;

  RequestWriter(Channel channel) {
    this.channel = channel;
  }

  void whole(HttpMethod method, String target, HttpHeaders headers) {
    channel.writeAndFlush(
        new DefaultFullHttpRequest(
            HttpVersion.HTTP_1_1,
            method,
            target,
            Unpooled.EMPTY_BUFFER,
            headers,
            EmptyHttpHeaders.INSTANCE),
        channel.voidPromise());
  }

  void head(HttpMethod method, String target, HttpHeaders headers) {
    channel.write(
        new DefaultHttpRequest(HttpVersion.HTTP_1_1, method, target, headers),
        channel.voidPromise());
    flushSoon();
  }

  /** Takes over the reference. */
  void body(ByteBuf data) {
    if (!data.isReadable()) {
      data.release();
      return;
    }
    channel.write(data, channel.voidPromise());
    if (channel.isWritable()) {
      flushSoon();
    } else {
      channel.flush();
    }
  }

  void end(HttpHeaders trailers) {
    channel.write(
        trailers.isEmpty()
            ? LastHttpContent.EMPTY_LAST_CONTENT
            : new DefaultLastHttpContent(Unpooled.EMPTY_BUFFER, trailers),
        channel.voidPromise());
    flushSoon();
  }

  /** One flush for all that comes in the same turn of the loop. */
  private void flushSoon() {
    if (!flushPlanned) {
      flushPlanned = true;
      channel
          .eventLoop()
          .execute(
              () -> {
                flushPlanned = false;
                channel.flush();
              });
    }
  }
}
