package dev.understudy.proxy.engine;

import io.netty.buffer.ByteBuf;
import io.netty.channel.Channel;
import io.netty.handler.codec.http.HttpHeaders;
import io.netty.handler.codec.http.HttpResponse;

/**
 * The client's side of one exchange. All methods are called on the exchange's event loop. The
 * engine calls {@code informational* (head body* end | upgrade)}; instead of the calls that are
 * missing it may call {@code abort} at any point, and {@code breakOff} after a head.
 */
public interface Downstream {
  /** Sends a 1xx response other than 101 (RFC 9110 §15.2). */
  void informational(HttpResponse response);

  /** Sends the final response's status line and headers; hop-by-hop headers are already removed. */
  void head(HttpResponse head);

  /** Sends a piece of the response's body. Takes over the reference. */
  void body(ByteBuf data);

  /**
   * Called before the outcome of a complete response is reported, and {@link #end} after it: a side
   * that keeps bytes back sends them.
   */
  default void bodyEnds() {}

  /** Bytes of the body that were given and not sent, as they were compressed. */
  default long saved() {
    return 0;
  }

  /** Releases what the side holds: the client has gone, and nothing more can be sent to it. */
  default void gone() {}

  /** Ends the response. The client's connection may be used again. */
  void end(HttpHeaders trailers);

  /**
   * Flushes everything given so far. Called after each batch, so that small responses leave in one
   * write; does nothing by default, for a side that sends at once.
   */
  default void flush() {}

  /**
   * Whether the client takes more of the response's body; {@link Exchange#writabilityChanged}
   * reports a change.
   */
  boolean isWritable();

  /**
   * Whether the client takes another 1xx before the final response's head; {@link
   * Exchange#writabilityChanged} reports a change.
   */
  boolean isHeadWelcome();

  /** Asks for one more piece of the request's body, or its end. */
  void requestRead();

  /**
   * Ends a response that its server did not complete: everything given so far is delivered, then
   * the client's connection or stream ends in a way that shows the truncation (RFC 9112 §8), a
   * response of gRPC with the status UNAVAILABLE. Bounded by {@code understudy.client.idle}.
   */
  void breakOff();

  /**
   * Ends the exchange at once, before or within a response: the client's connection or stream is
   * reset, so that the response cannot look complete; bytes that the client has not read may be
   * lost.
   */
  void abort();

  /**
   * Whether the client can be given that final response, or 101, to a request for another protocol:
   * it can in general, but not each one over HTTP/2.
   *
   * @param response as received
   */
  default boolean accepts(HttpResponse response) {
    return true;
  }

  /**
   * Sends the 101 response and gives the client's channel away, with no HTTP handler left on it,
   * TLS kept and auto-read off. Bytes that the client has sent meanwhile are read from it as usual.
   */
  Channel upgrade(HttpResponse switching);
}
