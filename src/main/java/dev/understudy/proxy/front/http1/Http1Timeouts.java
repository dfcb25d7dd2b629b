package dev.understudy.proxy.front.http1;

import dev.understudy.proxy.front.ConnectionAdmission;
import dev.understudy.proxy.front.FrontDoor;
import dev.understudy.proxy.front.FrontLimits;
import dev.understudy.proxy.front.FrontLoop;
import dev.understudy.proxy.front.RemainingBodyLimits;
import dev.understudy.proxy.front.TimedConnection;
import dev.understudy.proxy.front.http1.Http1Turns.Turn;
import dev.understudy.traffic.Limit;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelOutboundBuffer;
import java.util.concurrent.TimeUnit;

/**
 * How long one HTTP/1 connection may wait, by whose turn it is: for a request (keep-alive), for its
 * head, for a client to send or to read more, for the rest of a request that nobody wants.
 */
// A close that fails has closed.
@SuppressWarnings("FutureReturnValueIgnored")
final class Http1Timeouts extends TimedConnection {
  private final Http1Front front;
  private final ChannelHandlerContext ctx;
  private final FrontDoor door;
  private final Http1Turns turns;
  private final Http1Reads reads;
  private final ConnectionAdmission admission;

  /** Bytes of a head have come, but not its end. */
  private boolean headBegun;

  private boolean anyMessage;

  /** By {@link FrontLoop#mark}, since when what comes is dropped. */
  private long restSince;

  /** Bytes of a last response that had not left at the last look, and since when it was so many. */
  private long unread;

  private long unreadSince;

  /**
   * @param ctx the front's
   */
  Http1Timeouts(
      Http1Front front,
      ChannelHandlerContext ctx,
      FrontDoor door,
      Http1Turns turns,
      Http1Reads reads,
      ConnectionAdmission admission) {
    super(door, ctx);
    this.front = front;
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

  /** What comes is dropped from now on. */
  void restBegins() {
    moved();
    restSince = since();
  }

  @Override
  public boolean isWaiting() {
    return turns.is(Turn.WAITING);
  }

  @Override
  public void shed() {
    ctx.close();
  }

  @Override
  public void sweep(long nowClock) {
    if (front.isInputEnded() && HalfClose.isReset(ctx.channel())) {
      ctx.close();
      return;
    }
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
          clientIsIdleAfter(waited);
        }
      }
      case LEFTOVER, LINGERING -> sweepRest(nowClock);
      case GIVEN_AWAY -> {}
    }
  }

  /** Waits until a last response is written, or else for the rest of what is dropped. */
  private void sweepRest(long nowClock) {
    if (turns.is(Turn.LINGERING) && isUnread(nowClock)) {
      clientIsIdleAfter(nowClock - unreadSince);
      return;
    }
    long most =
        door.isStopping()
            ? RemainingBodyLimits.MAX_NANOS
            : RemainingBodyLimits.MAX_CONNECTION_NANOS;
    if (waited(nowClock) >= RemainingBodyLimits.MAX_NANOS || nowClock - restSince >= most) {
      ctx.close();
    }
  }

  /** Whether bytes are to be written yet; what the client sends meanwhile buys it no time. */
  private boolean isUnread(long nowClock) {
    ChannelOutboundBuffer out = ctx.channel().unsafe().outboundBuffer();
    long pending = out == null ? 0 : out.totalPendingWriteBytes();
    if (pending != unread) {
      unread = pending;
      unreadSince = nowClock;
    }
    return pending > 0;
  }

  private void clientIsIdleAfter(long waited) {
    if (waited >= door.limits().idle().toNanos()) {
      door.listener().limited(Limit.CLIENT_IDLE);
      front.clientIsIdle();
    }
  }

  private void noRequest(boolean slow) {
    if (slow) {
      door.listener().limited(Limit.HEADER_TIME);
    }
    if (headBegun) {
      front.headIsLate();
    } else {
      closeUnlessAsked();
    }
  }

  @Override
  public void drain() {
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
