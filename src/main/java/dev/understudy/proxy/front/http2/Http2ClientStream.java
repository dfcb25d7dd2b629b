package dev.understudy.proxy.front.http2;

import dev.understudy.proxy.front.ClientWait;
import dev.understudy.proxy.front.FrontDoor;
import dev.understudy.proxy.front.FrontLoop;
import dev.understudy.proxy.front.RemainingBodyLimits;
import dev.understudy.traffic.Limit;
import io.netty.channel.Channel;

/** The timeouts of one HTTP/2 stream. */
final class Http2ClientStream extends ClientWait {
  private final Http2Front front;
  private final FrontDoor door;

  Http2ClientStream(Http2Front front, FrontDoor door, FrontLoop loop) {
    super(loop, loop.mark());
    this.front = front;
    this.door = door;
  }

  void connectionGone() {
    front.connectionGone();
  }

  /** Handles a connection that is writable again. */
  void connectionWritable() {
    front.connectionWritable();
  }

  /** Applies the stream's timeouts; the wait for a request's head is the connection's. */
  void sweep(long nowClock) {
    Channel channel = front.context().channel();
    long waited = waited(nowClock);
    boolean dropping = front.turn() == Http2Turn.REMAINING_BODY && front.isResponseDelivered();
    if (dropping) {
      if (waited >= RemainingBodyLimits.MAX_NANOS) {
        front.refuseRest();
      }
    } else if (front.turn() != Http2Turn.WAITING
        && front.turn() != Http2Turn.TUNNEL
        && isClientsTurn(channel, front.isClientAwaited())
        && waited >= door.limits().idle().toNanos()) {
      door.listener().limited(Limit.CLIENT_IDLE);
      front.clientIsIdle();
    }
  }
}
