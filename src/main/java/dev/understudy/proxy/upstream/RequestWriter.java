package dev.understudy.proxy.upstream;

import dev.understudy.proxy.eventloop.CoalescedFlush;
import dev.understudy.proxy.http.HeadWriter;
import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import io.netty.channel.Channel;
import io.netty.handler.codec.http.HttpHeaders;
import java.nio.charset.StandardCharsets;

/** Writes requests on one connection, with as few flushes as their pieces allow. */
// exceptionCaught and channelInactive report failed writes.
@SuppressWarnings("FutureReturnValueIgnored")
final class RequestWriter {
  private static final ByteBuf CRLF = constant("\r\n");
  private static final ByteBuf LAST_CHUNK = constant("0\r\n\r\n");
  private static final byte[] LAST_SIZE = HeadWriter.ascii("0\r\n");

  private final Channel channel;
  private final CoalescedFlush flush;
  private boolean chunked;

  RequestWriter(Channel channel) {
    this.channel = channel;
    this.flush = new CoalescedFlush(channel);
  }

  private static ByteBuf constant(String text) {
    byte[] bytes = HeadWriter.ascii(text);
    return Unpooled.unreleasableBuffer(
        Unpooled.directBuffer(bytes.length).writeBytes(bytes).asReadOnly());
  }

  /** Writes a request without a body. Takes over the reference. */
  void whole(ByteBuf head) {
    channel.writeAndFlush(head, channel.voidPromise());
  }

  /** Writes the head of a request with a body. Takes over the reference. */
  void head(ByteBuf head, boolean isChunked) {
    chunked = isChunked;
    write(head);
    flush.plan();
  }

  /** Writes a piece of the body. Takes over the reference. */
  void body(ByteBuf data) {
    if (!data.isReadable()) {
      data.release();
      return;
    }
    if (chunked) {
      write(sizeLine(data.readableBytes()));
      write(data);
      write(CRLF.duplicate());
    } else {
      write(data);
    }
    if (channel.isWritable()) {
      flush.plan();
    } else {
      channel.flush();
    }
  }

  void end(HttpHeaders trailers) {
    if (chunked) {
      write(trailers.isEmpty() ? LAST_CHUNK.duplicate() : lastChunk(trailers));
      flush.plan();
    }
  }

  private ByteBuf sizeLine(int size) {
    String line = Integer.toHexString(size) + "\r\n";
    ByteBuf buffer = channel.alloc().ioBuffer(line.length());
    buffer.writeCharSequence(line, StandardCharsets.US_ASCII);
    return buffer;
  }

  private ByteBuf lastChunk(HttpHeaders trailers) {
    HeadWriter out = new HeadWriter();
    out.raw(LAST_SIZE);
    try {
      trailers.forEach(field -> out.field(field.getKey(), field.getValue()));
    } catch (IllegalArgumentException e) {
      // The server has the request already, and must not wait for trailers that cannot be sent.
      return LAST_CHUNK.duplicate();
    }
    return out.end(channel.alloc());
  }

  private void write(ByteBuf data) {
    channel.write(data, channel.voidPromise());
  }
}
