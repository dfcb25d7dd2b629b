package dev.understudy.proxy;

import io.netty.buffer.ByteBuf;
import io.netty.channel.Channel;
import io.netty.handler.codec.http.HttpHeaders;
import io.netty.handler.codec.http.HttpResponse;

/**
 * The client's side of one exchange. All calls come on the exchange's event loop. The engine calls
 * {@code informational* (head body* end | upgrade)}, and {@code abort} at any point, or {@code
 * breakOff} after a head, instead of what is missing.
 */
public interface Downstream {
  /** A 1xx answer other than 101 (RFC 9110 §15.2). */
  void informational(HttpResponse response);

  /**
   * The final response's status line and headers, ready to be sent: hop-by-hop headers are gone.
   */
  void head(HttpResponse head);

  /** A piece of the response's body. Takes over the reference. */
  void body(ByteBuf data);

  /** The end of the response. The client's connection may be used again. */
  void end(HttpHeaders trailers);

  /**
   * Everything given so far should leave now. Called after each batch, so that small answers leave
   * in one write; nothing to do for a side that sends at once.
   */
  default void flush() {}

  /** Whether more of the body is welcome; {@link Exchange#writabilityChanged} tells of a change. */
  boolean isWritable();

  /**
   * Whether another 1xx is welcome, before the final response's head; {@link
   * Exchange#writabilityChanged} tells of a change.
   */
  boolean isHeadWelcome();

  /** Asks for one more piece of the request's body, or its end. */
  void requestRead();

  /**
   * Ends a response that its server did not end: everything given so far is delivered, then the
   * client's connection or stream ends in a way that shows the truncation (RFC 9112 §8). Bounded by
   * how long the client may be idle.
   */
  void breakOff();

  /**
   * Ends the exchange without a response, or the one that began at once, so that it can't look
   * whole: the client's connection or stream is reset, and what it has not read may be lost.
   */
  void abort();

  /**
   * Sends the 101 answer and gives the client's channel away, with no HTTP handler left on it, TLS
   * kept, auto-read off. Bytes that the client sent meanwhile are read from it as usual.
   */
  Channel upgrade(HttpResponse switching);
}
