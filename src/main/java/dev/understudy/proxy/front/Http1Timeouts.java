package dev.understudy.proxy.front;

import dev.understudy.proxy.Limit;
import dev.understudy.proxy.front.Http1Turns.Turn;
import io.netty.channel.ChannelHandlerContext;
import java.util.concurrent.TimeUnit;

/**
 * How long one HTTP/1 connection may wait, by whose turn it is: for a request (keep-alive), for its
 * head, for a client to send or to read more, for the rest of a request that nobody wants.
 */
// A close that fails has closed.
@SuppressWarnings("FutureReturnValueIgnored")
final class Http1Timeouts extends Member {
  private final Http1Express express;
  private final ChannelHandlerContext ctx;
  private final FrontDoor door;
  private final Http1Turns turns;
  private final Http1Reads reads;
  private final Admission admission;

  /** Bytes of a head have come, but not its end. */
  private boolean headBegun;

  private boolean anyMessage;

  /**
   * @param ctx the front's
   */
  Http1Timeouts(
      Http1Express express,
      ChannelHandlerContext ctx,
      FrontDoor door,
      Http1Turns turns,
      Http1Reads reads,
      Admission admission) {
    super(door, ctx);
    this.express = express;
    this.ctx = ctx;
    this.door = door;
    this.turns = turns;
    this.reads = reads;
    this.admission = admission;
  }

  /** The turn of a request begins, or is over. */
  void turned() {
    headBegun = false;
    moved();
  }

  /** A read has brought a message. */
  void messageCame() {
    anyMessage = true;
  }

  /** One without any has brought a part of a head; a new connection's time runs already. */
  void readIsOver() {
    if (turns.is(Turn.WAITING) && !anyMessage && !headBegun) {
      headBegun = true;
      if (!admission.isFresh()) {
        moved();
      }
    }
    anyMessage = false;
  }

  @Override
  boolean isWaiting() {
    return turns.is(Turn.WAITING);
  }

  @Override
  void shed() {
    ctx.close();
  }

  @Override
  void sweep(long nowClock) {
    long waited = waited(nowClock);
    FrontLimits limits = door.limits();
    switch (turns.now()) {
      case WAITING -> {
        boolean slow = headBegun || admission.isFresh();
        if (waited >= (slow ? limits.headerTimeout() : limits.keepAlive()).toNanos()) {
          noRequest(slow);
        }
      }
      case EXPRESS, GATEWAY -> {
        boolean wanted = !turns.isRequestEnded() && reads.isWanted();
        if (isClientsTurn(ctx.channel(), wanted)) {
          clientIdleAfter(waited);
        }
      }
      case LEFTOVER -> {
        if (waited >= Leftover.MAX_NANOS) {
          ctx.close();
        }
      }
      case LINGERING -> {
        // Until its response is written, a client that reads it slowly is only slow.
        if (isUnwritten(ctx.channel())) {
          clientIdleAfter(waited);
        } else if (waited >= Leftover.MAX_NANOS) {
          ctx.close();
        }
      }
      case GIVEN_AWAY -> {}
    }
  }

  private void clientIdleAfter(long waited) {
    if (waited >= door.limits().idle().toNanos()) {
      door.listener().limited(Limit.CLIENT_IDLE);
      express.clientIsIdle();
    }
  }

  private void noRequest(boolean slow) {
    if (slow) {
      door.listener().limited(Limit.HEADER_TIME);
    }
    if (headBegun) {
      express.headIsLate();
    } else {
      closeUnlessAsked();
    }
  }

  @Override
  void drain() {
    if (turns.is(Turn.WAITING) && !headBegun && !turns.hasLater()) {
      closeUnlessAsked();
    }
  }

  /**
   * Ends a connection that waits for a request, unless one has arrived and only has not been read:
   * what is scheduled, other than what is executed, comes after the loop's next input.
   */
  private void closeUnlessAsked() {
    int asked = admission.requests();
    var unused =
        ctx.channel()
            .eventLoop()
            .schedule(
                () -> {
                  if (turns.is(Turn.WAITING) && admission.requests() == asked && !headBegun) {
                    ctx.close();
                  }
                },
                0,
                TimeUnit.NANOSECONDS);
  }
}
