package dev.understudy.proxy;

import dev.understudy.proxy.http.ProxyRequest;
import io.netty.buffer.ByteBuf;
import io.netty.handler.codec.http.HttpHeaders;

/**
 * One request on its way to a server and back, as its lane sees it. All calls come on its event
 * loop; those that come after its end are of no effect.
 *
 * <p>If the response ends before the request does, no more of the request is asked for and what
 * still comes is dropped: the lane then drains it within bounds, or closes the client's connection.
 */
public final class Exchange {
  private final Forwarding forwarding;

  Exchange(EngineLoop engineLoop, ProxyRequest request, Downstream downstream) {
    this.forwarding = new Forwarding(engineLoop, request, downstream);
  }

  /** Chooses a server and begins; called once, first. */
  public void start() {
    forwarding.start();
  }

  /** A piece of the request's body. Takes over the reference. */
  public void requestBody(ByteBuf data) {
    forwarding.requestBody(data);
  }

  /** The end of the request. */
  public void requestEnd(HttpHeaders trailers) {
    forwarding.requestEnd(trailers);
  }

  /** The client went away, or broke HTTP: nothing more can be sent to it. */
  public void clientGone() {
    forwarding.clientGone();
  }

  /**
   * What comes from the client breaks a rule: ends with that status, or breaks off a response that
   * has begun.
   */
  public void refuse(int status) {
    forwarding.refuse(status);
  }

  /** {@link Downstream#isWritable} may have changed. */
  public void writabilityChanged() {
    forwarding.writabilityChanged();
  }
}
