package dev.understudy.proxy.engine;

import dev.understudy.traffic.TraceContext;
import io.netty.buffer.ByteBuf;
import io.netty.handler.codec.http.HttpHeaders;
import org.jspecify.annotations.Nullable;

/**
 * One request on its way to a server and back, as its lane sees it. All methods are called on the
 * exchange's event loop, and have no effect once the exchange has ended.
 *
 * <p>If the response ends before the request does, the rest of the request is neither asked for nor
 * forwarded: the lane drains the remaining body within bounds, or closes the client's connection.
 */
public interface Exchange {
  /** The exchange's span; null if requests are not traced. */
  @Nullable TraceContext trace();

  /** Selects a server and starts forwarding; called once, before all other methods. */
  void start();

  /** Receives a piece of the request's body. Takes over the reference. */
  void requestBody(ByteBuf data);

  /** Receives the end of the request. */
  void requestEnd(HttpHeaders trailers);

  /**
   * Ends the exchange: the client disconnected or violated HTTP, so nothing more can be sent to it.
   */
  void clientGone();

  /**
   * Ends the exchange because the client's request breaks a rule: responds with that status, or
   * aborts a response that has begun.
   */
  void refuse(int status);

  /**
   * Records that {@link Downstream#isWritable} or {@link Downstream#isHeadWelcome} may have
   * changed.
   */
  void writabilityChanged();
}
