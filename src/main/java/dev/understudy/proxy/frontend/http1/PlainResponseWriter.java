package dev.understudy.proxy.frontend.http1;

import dev.understudy.proxy.http.PlainHeaders;
import io.netty.buffer.ByteBuf;
import io.netty.channel.ChannelHandlerContext;
import io.netty.handler.codec.http.HttpHeaderNames;
import io.netty.handler.codec.http.HttpResponse;
import io.netty.handler.codec.http.HttpResponseStatus;
import java.nio.charset.StandardCharsets;
import org.jspecify.annotations.Nullable;

/**
 * Writes plain responses, bypassing Netty's encoder: the lines of the head unchanged, and a small
 * body with them in one buffer. A response is written either wholly here or wholly by the encoder.
 */
// A failed write closes the channel, which channelInactive reports.
@SuppressWarnings("FutureReturnValueIgnored")
final class PlainResponseWriter {
  /** The largest body, in bytes, that is copied behind its head. */
  private static final int MAX_COPIED = 4 * 1024;

  private static final byte[] OK = "HTTP/1.1 200 OK\r\n".getBytes(StandardCharsets.US_ASCII);

  private static final int CRLF = ('\r' << 8) | '\n';

  /** The encoder's context; a write through it bypasses the encoder. */
  private final ChannelHandlerContext ctx;

  /** The head that waits for the first bytes of the body; null if there is none. */
  private @Nullable HttpResponse head;

  private boolean active;

  PlainResponseWriter(ChannelHandlerContext encoder) {
    this.ctx = encoder;
  }

  /** Begins a response. Returns false if it must be written by the encoder. */
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

  /** Whether a response that was begun here is incomplete. */
  boolean isActive() {
    return active;
  }

  /** Writes bytes of the body. Takes over the reference. */
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

  /** Writes the head if it still waits. */
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

  @SuppressWarnings("ReferenceEquality") // statuses with different reason phrases are equal
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
