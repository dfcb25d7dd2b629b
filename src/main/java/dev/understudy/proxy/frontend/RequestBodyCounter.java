package dev.understudy.proxy.frontend;

import dev.understudy.proxy.engine.Exchange;
import io.netty.buffer.ByteBuf;
import io.netty.handler.codec.http.HttpContent;
import io.netty.handler.codec.http.LastHttpContent;
import io.netty.util.ReferenceCountUtil;

/**
 * Counts a request's body against {@code max-body} and, after the response, the remaining body that
 * is dropped, against {@link RemainingBodyLimits}.
 */
public final class RequestBodyCounter {
  private final FrontendLimits limits;
  private long bytes;

  public RequestBodyCounter(FrontendLimits limits) {
    this.limits = limits;
  }

  /** Restarts the count, for another request or for a remaining body. */
  public void begin() {
    bytes = 0;
  }

  /** Counts the content. Returns whether the body exceeds {@code max-body}. */
  public boolean isTooLongWith(HttpContent content) {
    return isTooLongWith(content.content().readableBytes());
  }

  /** Counts that many bytes. Returns whether the body exceeds {@code max-body}. */
  public boolean isTooLongWith(int more) {
    bytes += more;
    return limits.maxBody().isPresent() && bytes > limits.maxBody().getAsLong();
  }

  /**
   * Counts bytes of an HTTP/2 request's remaining body. Returns whether it exceeds {@link
   * RemainingBodyLimits}.
   *
   * @param delivered whether the whole response has left; a client may upload before it reads
   */
  public boolean isTooMuchToDrop(int more, boolean delivered) {
    bytes += more;
    return bytes
        > (delivered ? RemainingBodyLimits.MAX_BYTES : RemainingBodyLimits.MAX_CONNECTION_BYTES);
  }

  /** Counts and releases the message. Returns whether the count exceeds {@code most}, in bytes. */
  public boolean isMoreThan(long most, Object msg) {
    bytes += msg instanceof HttpContent content ? content.content().readableBytes() : 0;
    ReferenceCountUtil.release(msg);
    return bytes > most;
  }

  /**
   * Passes content to the exchange, and the end of the request if it is the last. Takes over the
   * reference. Returns false if the content had neither bytes nor the end, so that the engine's
   * read is still pending.
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
