package dev.understudy.proxy.front;

import dev.understudy.proxy.Exchange;
import io.netty.buffer.ByteBuf;
import io.netty.handler.codec.http.HttpContent;
import io.netty.handler.codec.http.LastHttpContent;
import io.netty.util.ReferenceCountUtil;

/**
 * A request's body on its way in, against the limit for it; and, once its response is given, the
 * rest of it that is dropped, against {@link RemainingBodyLimits}'s.
 */
public final class Upload {
  private final FrontLimits limits;
  private long bytes;

  public Upload(FrontLimits limits) {
    this.limits = limits;
  }

  /** Another request has come, or the one that came is answered. */
  public void begin() {
    bytes = 0;
  }

  /** Counts a piece; returns whether it is beyond {@code max-body}. */
  public boolean isTooLongWith(HttpContent content) {
    bytes += content.content().readableBytes();
    return limits.maxBody().isPresent() && bytes > limits.maxBody().getAsLong();
  }

  /** Counts a piece and lets go of it; returns whether so much is not to be dropped. */
  public boolean isTooMuchToDrop(Object msg) {
    return isMoreThan(RemainingBodyLimits.MAX_BYTES, msg);
  }

  /** Counts a piece and lets go of it; returns whether there are more bytes now than that. */
  public boolean isMoreThan(long most, Object msg) {
    bytes += msg instanceof HttpContent content ? content.content().readableBytes() : 0;
    ReferenceCountUtil.release(msg);
    return bytes > most;
  }

  /**
   * Hands a piece on, and with it the end if it is the last. Takes over the reference. Returns
   * false if there was nothing in it, not even the end: what was asked for is still to come.
   */
  public static boolean deliver(Exchange to, HttpContent content) {
    ByteBuf data = content.content();
    boolean something = data.isReadable();
    if (something) {
      to.requestBody(data);
    } else {
      content.release();
    }
    if (content instanceof LastHttpContent last) {
      to.requestEnd(last.trailingHeaders());
      return true;
    }
    return something;
  }
}
