package dev.understudy.proxy;

import dev.understudy.proxy.http.ProxyRequest;
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
public final class Exchange {
  private final Forwarding forwarding;

  Exchange(EngineLoop engineLoop, ProxyRequest request, Downstream downstream) {
    this.forwarding = new Forwarding(engineLoop, request, downstream);
  }

  /** The exchange's span; null if requests are not traced. */
  public @Nullable TraceContext trace() {
    return forwarding.context();
  }

  /** Selects a server and starts forwarding; called once, before all other methods. */
  public void start() {
    forwarding.start();
  }

  /** Receives a piece of the request's body. Takes over the reference. */
  public void requestBody(ByteBuf data) {
    forwarding.requestBody(data);
  }

  /** Receives the end of the request. */
  public void requestEnd(HttpHeaders trailers) {
    forwarding.requestEnd(trailers);
  }

  /**
   * Ends the exchange: the client disconnected or violated HTTP, so nothing more can be sent to it.
   */
  public void clientGone() {
    forwarding.clientGone();
  }

  /**
   * Ends the exchange because the client's request breaks a rule: responds with that status, or
   * aborts a response that has begun.
   */
  public void refuse(int status) {
    forwarding.refuse(status);
  }

  /**
   * Records that {@link Downstream#isWritable} or {@link Downstream#isHeadWelcome} may have
   * changed.
   */
  public void writabilityChanged() {
    forwarding.writabilityChanged();
  }
}
