package dev.understudy.proxy.frontend.http2;

import dev.understudy.proxy.frontend.ClientWait;
import dev.understudy.proxy.frontend.Frontend;
import dev.understudy.proxy.frontend.FrontendLoop;
import dev.understudy.proxy.frontend.RemainingBodyLimits;
import dev.understudy.traffic.Limit;
import io.netty.channel.Channel;

/** The timeouts of one HTTP/2 stream. */
final class Http2ClientStream extends ClientWait {
  private final Http2Frontend front;
  private final Frontend frontend;

  Http2ClientStream(Http2Frontend front, Frontend frontend, FrontendLoop loop) {
    super(loop, loop.mark());
    this.front = front;
    this.frontend = frontend;
  }

  Http2Frontend front() {
    return front;
  }

  /** Applies the stream's timeouts; the wait for a request's head is the connection's. */
  void sweep(long nowClock) {
    Channel channel = front.context().channel();
    long waited = waited(nowClock);
    boolean dropping =
        front.state() == Http2StreamState.REMAINING_BODY && front.isResponseDelivered();
    if (dropping) {
      if (waited >= RemainingBodyLimits.MAX_NANOS) {
        front.refuseRest();
      }
    } else if (front.state() != Http2StreamState.WAITING
        && front.state() != Http2StreamState.TUNNEL
        && isClientsTurn(channel, front.isClientAwaited())
        && waited >= frontend.limits().idle().toNanos()) {
      frontend.listener().limited(Limit.CLIENT_IDLE);
      front.clientIsIdle();
    }
  }
}
