package dev.understudy.proxy.front.http1;

import dev.understudy.proxy.http.PlainHeaders;
import io.netty.buffer.ByteBuf;
import io.netty.channel.ChannelHandlerContext;
import io.netty.handler.codec.http.HttpHeaderNames;
import io.netty.handler.codec.http.HttpResponse;
import io.netty.handler.codec.http.HttpResponseStatus;
import java.nio.charset.StandardCharsets;
import org.jspecify.annotations.Nullable;

/**
 * Writes plain responses past Netty's encoder: the lines of the head as they came, and with them
 * the body if it is small, as one buffer. Of one response either this writes everything or the
 * encoder.
 */
// A write that fails closes the channel, and that is seen.
@SuppressWarnings("FutureReturnValueIgnored")
final class PlainResponseWriter {
  /** A body up to this size, in bytes, is copied behind its head. */
  private static final int MAX_COPIED = 4 * 1024;

  private static final byte[] OK = "HTTP/1.1 200 OK\r\n".getBytes(StandardCharsets.US_ASCII);

  private static final int CRLF = ('\r' << 8) | '\n';

  /** The encoder's: what is written there passes it by. */
  private final ChannelHandlerContext ctx;

  /** Waits for what may go with it. */
  private @Nullable HttpResponse head;

  private boolean active;

  PlainResponseWriter(ChannelHandlerContext encoder) {
    this.ctx = encoder;
  }

  /** Whether all of this response is written here. */
  boolean begin(HttpResponse response) {
    active =
        response.headers() instanceof PlainHeaders headers
            && headers.isPlain()
            && !headers.contains(HttpHeaderNames.TRANSFER_ENCODING);
    if (active) {
      head = response;
      RequestCodec.passedBy(ctx);
    }
    return active;
  }

  /** Whether a response that was begun here has not ended. */
  boolean isActive() {
    return active;
  }

  /** Takes over the reference. */
  void body(ByteBuf data) {
    HttpResponse waiting = head;
    if (waiting == null) {
      ctx.write(data, ctx.voidPromise());
      return;
    }
    head = null;
    int length = data.readableBytes();
    if (length <= MAX_COPIED) {
      ctx.write(bytes(waiting, length).writeBytes(data), ctx.voidPromise());
      data.release();
    } else {
      ctx.write(bytes(waiting, 0), ctx.voidPromise());
      ctx.write(data, ctx.voidPromise());
    }
  }

  /** What waits should be written now. */
  void flush() {
    HttpResponse waiting = head;
    if (waiting != null) {
      head = null;
      ctx.write(bytes(waiting, 0), ctx.voidPromise());
    }
  }

  void end() {
    flush();
    active = false;
  }

  @SuppressWarnings("ReferenceEquality") // one with another reason is equal
  private ByteBuf bytes(HttpResponse response, int more) {
    PlainHeaders headers = (PlainHeaders) response.headers();
    HttpResponseStatus status = response.status();
    boolean ok = status == HttpResponseStatus.OK;
    int line = ok ? OK.length : OK.length - 2 + status.reasonPhrase().length();
    ByteBuf out = ctx.alloc().ioBuffer(line + headers.bytes() + 2 + more);
    if (ok) {
      out.writeBytes(OK);
    } else {
      out.writeBytes(OK, 0, 9);
      out.writeCharSequence(status.codeAsText(), StandardCharsets.US_ASCII);
      out.writeByte(' ');
      out.writeCharSequence(status.reasonPhrase(), StandardCharsets.US_ASCII);
      out.writeShort(CRLF);
    }
    headers.writeTo(out);
    return out.writeShort(CRLF);
  }
}
