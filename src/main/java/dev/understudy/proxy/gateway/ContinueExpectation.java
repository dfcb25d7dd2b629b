package dev.understudy.proxy.gateway;

import io.netty.handler.codec.http.DefaultHttpResponse;
import io.netty.handler.codec.http.HttpResponse;
import io.netty.handler.codec.http.HttpResponseStatus;
import io.netty.handler.codec.http.HttpVersion;
import java.util.concurrent.atomic.AtomicBoolean;

/**
 * A client's wait for "100 Continue" (RFC 9110 §10.1.1). The server's own 100, which the engine
 * relays, ends it; the proxy's own does if a filter reads the body earlier or the request does not
 * reach the engine.
 */
final class ContinueExpectation {
  private final GatewayLaneRequest lane;
  private final AtomicBoolean met = new AtomicBoolean();
  private volatile boolean left;

  ContinueExpectation(GatewayLaneRequest lane) {
    this.lane = lane;
  }

  /** Leaves the 100 to the server: reading the body no longer sends the proxy's own. */
  void leaveToServer() {
    left = true;
  }

  /** Whether a 100 was sent to the client. */
  boolean isMet() {
    return met.get();
  }

  /** Notes a 1xx response of the server that is relayed. */
  void relayed(HttpResponse response) {
    if (response.status().equals(HttpResponseStatus.CONTINUE)) {
      met.set(true);
    }
  }

  /** Handles a reader of the body, on any thread. */
  void bodyIsRead() {
    if (!left && met.compareAndSet(false, true)) {
      HttpResponse goOn =
          new DefaultHttpResponse(HttpVersion.HTTP_1_1, HttpResponseStatus.CONTINUE);
      GatewayLaneRequest.on(lane.loop, () -> lane.informational(goOn));
    }
  }
}
