package dev.understudy.proxy.front;

import dev.understudy.proxy.Exchange;
import io.netty.buffer.ByteBuf;
import io.netty.handler.codec.http.HttpContent;
import io.netty.handler.codec.http.LastHttpContent;

/** A request's body on its way in, against the limit for it. */
final class Upload {
  private final FrontLimits limits;
  private long bytes;

  Upload(FrontLimits limits) {
    this.limits = limits;
  }

  /** Another request has come. */
  void begin() {
    bytes = 0;
  }

  /** Counts a piece; returns whether it is beyond {@code max-body}. */
  boolean isTooLongWith(HttpContent content) {
    bytes += content.content().readableBytes();
    return limits.maxBody().isPresent() && bytes > limits.maxBody().getAsLong();
  }

  /** Hands a piece on, and with it the end if it is the last. Takes over the reference. */
  static void deliver(Exchange to, HttpContent content) {
    ByteBuf data = content.content();
    if (data.isReadable()) {
      to.requestBody(data);
    } else {
      content.release();
    }
    if (content instanceof LastHttpContent last) {
      to.requestEnd(last.trailingHeaders());
    }
  }
}
