package dev.understudy.proxy.front.http2;

import dev.understudy.proxy.front.ClientWait;
import dev.understudy.proxy.front.FrontDoor;
import dev.understudy.proxy.front.FrontLoop;
import dev.understudy.proxy.front.RemainingBodyLimits;
import dev.understudy.traffic.Limit;
import io.netty.channel.Channel;

/** One HTTP/2 stream as its connection keeps it: how long it may wait. */
final class Http2Stream extends ClientWait {
  private final Http2Front front;
  private final FrontDoor door;
  private int slot = -1;

  Http2Stream(Http2Front front, FrontDoor door, FrontLoop loop) {
    super(loop, loop.mark());
    this.front = front;
    this.door = door;
  }

  /** Where the connection keeps it; negative: nowhere. */
  int slot() {
    return slot;
  }

  void slot(int given) {
    slot = given;
  }

  void connectionGone() {
    front.connectionGone();
  }

  /** The connection can be written to again. */
  void connectionWritable() {
    front.connectionWritable();
  }

  /** Judges what it waits for; for a request's head its connection waits. */
  void sweep(long nowClock) {
    Channel channel = front.context().channel();
    long waited = waited(nowClock);
    switch (front.turn()) {
      case EXPRESS, GATEWAY, OVER -> {
        if (isClientsTurn(channel, front.isClientAwaited())
            && waited >= door.limits().idle().toNanos()) {
          door.listener().limited(Limit.CLIENT_IDLE);
          front.clientIsIdle();
        }
      }
      case LEFTOVER -> {
        if (waited >= RemainingBodyLimits.MAX_NANOS) {
          front.refuseRest();
        }
      }
      case WAITING -> {}
    }
  }
}
