package dev.understudy.proxy.frontend.http1;

import dev.understudy.proxy.engine.ChannelClose;
import dev.understudy.proxy.eventloop.PendingBytes;
import dev.understudy.proxy.frontend.ConnectionAdmission;
import dev.understudy.proxy.frontend.Frontend;
import dev.understudy.proxy.frontend.FrontendLimits;
import dev.understudy.proxy.frontend.FrontendLoop;
import dev.understudy.proxy.frontend.RemainingBodyLimits;
import dev.understudy.proxy.frontend.TimedConnection;
import dev.understudy.traffic.Limit;
import io.netty.buffer.Unpooled;
import io.netty.channel.Channel;
import io.netty.channel.ChannelHandlerContext;
import java.util.concurrent.TimeUnit;

/**
 * The timeouts and the end of one HTTP/1 connection. Timeouts are by state: for a request
 * (keep-alive), for its head, for a client that should send or read, and for a remaining body.
 */
// A failed close leaves the channel closed.
@SuppressWarnings("FutureReturnValueIgnored")
final class Http1ConnectionLifetime extends TimedConnection {
  private final Http1Frontend front;
  private final ChannelHandlerContext ctx;
  private final Http1Pipelining pipelining;
  private final Http1Reads reads;
  private final RequestDecoder decoder;
  private final ConnectionAdmission admission;

  /** Whether a part of a head has arrived. */
  private boolean headBegun;

  private boolean anyMessage;

  /** The time since which input is dropped, by {@link FrontendLoop#mark}. */
  private long remainingBodySince;

  /**
   * The bytes of responses that were not sent at the last sweep of this state, or -1 before it, and
   * the time since which that number is unchanged.
   */
  private long unread = -1;

  private long unreadSince;

  /**
   * @param ctx the context of the connection's {@link Http1Handler}
   */
  Http1ConnectionLifetime(
      Http1Frontend front,
      ChannelHandlerContext ctx,
      Frontend frontend,
      Http1Pipelining pipelining,
      Http1Reads reads,
      RequestDecoder decoder,
      ConnectionAdmission admission) {
    super(frontend, ctx);
    this.front = front;
    this.ctx = ctx;
    this.pipelining = pipelining;
    this.reads = reads;
    this.decoder = decoder;
    this.admission = admission;
  }

  /** Restarts the wait: an exchange begins or ends. */
  void turned() {
    headBegun = false;
    unread = -1;
    moved();
  }

  /** Notes that the present read brought a message. */
  void messageCame() {
    anyMessage = true;
  }

  /**
   * Handles the end of a read. Without a message, it brought a part of a head, which starts the
   * header timeout; that of a new connection runs already. On a new connection it may have been a
   * TLS handshake's end or a PROXY protocol header alone.
   */
  void readIsOver() {
    if (pipelining.is(Http1State.WAITING)
        && !anyMessage
        && !headBegun
        && (!admission.isFresh() || decoder.hasPart())) {
      headBegun = true;
      if (!admission.isFresh()) {
        moved();
      }
    }
    anyMessage = false;
  }

  /** Starts the limits on dropped input. */
  void remainingBodyBegins() {
    moved();
    unread = -1;
    remainingBodySince = since();
  }

  @Override
  public boolean isWaiting() {
    return pipelining.is(Http1State.WAITING) && unsent() == 0;
  }

  @Override
  public void shed() {
    ctx.close();
  }

  @Override
  public void sweep(long nowClock) {
    if (reads.isEnded() && ChannelClose.isReset(ctx.channel())) {
      ctx.close();
      return;
    }
    long waited = waited(nowClock);
    FrontendLimits limits = frontend().limits();
    switch (pipelining.now()) {
      case WAITING -> {
        boolean slow = headBegun || admission.isFresh();
        if ((!slow || pipelining.isHeldBack()) && isUnread(nowClock)) {
          // The wait for a request begins when the responses have left the proxy's buffers.
          moved();
          clientIsIdleAfter(nowClock - unreadSince);
        } else if (headBegun) {
          if (waited >= limits.headerTimeout().toNanos()) {
            frontend().listener().limited(Limit.HEADER_TIME);
            front.headIsLate();
          }
        } else if (slow ? waited >= firstRequestNanos() : waited >= limits.keepAlive().toNanos()) {
          if (slow) {
            firstRequestIsLate();
          }
          closeUnlessAsked();
        }
      }
      case INCOMPLETE, COMPLETE -> {
        boolean wanted = !pipelining.now().isComplete() && reads.isWanted();
        Channel client = ctx.channel();
        if (isClientsTurn(client.isWritable(), client.bytesBeforeWritable(), wanted)) {
          clientIsIdleAfter(waited);
        }
      }
      case REMAINING_BODY, LINGERING -> sweepRemainingBody(nowClock);
      case GIVEN_AWAY -> {}
    }
  }

  /** Applies the idle limit until the last response is sent, then the limits on dropped input. */
  private void sweepRemainingBody(long nowClock) {
    if (pipelining.is(Http1State.LINGERING) && isUnread(nowClock)) {
      clientIsIdleAfter(nowClock - unreadSince);
      return;
    }
    long most =
        isStopping() ? RemainingBodyLimits.MAX_NANOS : RemainingBodyLimits.MAX_CONNECTION_NANOS;
    if (waited(nowClock) >= RemainingBodyLimits.MAX_NANOS
        || nowClock - remainingBodySince >= most) {
      ctx.close();
    }
  }

  /** Whether written bytes are still unsent; input meanwhile does not extend the limit. */
  private boolean isUnread(long nowClock) {
    long pending = unsent();
    if (pending != unread) {
      unread = pending;
      unreadSince = nowClock;
    }
    return pending > 0;
  }

  /** The bytes that were written and not sent. */
  private long unsent() {
    return PendingBytes.of(ctx.channel());
  }

  private void clientIsIdleAfter(long waited) {
    if (waited >= frontend().limits().idle().toNanos()) {
      frontend().listener().limited(Limit.CLIENT_IDLE);
      front.clientIsIdle();
    }
  }

  @Override
  public void drain() {
    boolean awaitsFirst = admission.isFresh() && awaitsFirstRequest();
    if (pipelining.is(Http1State.WAITING) && !headBegun && !pipelining.hasLater() && !awaitsFirst) {
      if (unsent() == 0) {
        closeUnlessAsked();
      } else {
        // In a later task: the bytes still count while their listeners run.
        ctx.writeAndFlush(Unpooled.EMPTY_BUFFER)
            .addListener(sent -> ctx.channel().eventLoop().execute(this::drain));
      }
    }
  }

  /**
   * Closes a connection that waits for a request, unless one has arrived and is not read yet: a
   * scheduled task, unlike an executed one, runs after the event loop's next input.
   */
  private void closeUnlessAsked() {
    int asked = admission.requests();
    var unused =
        ctx.channel()
            .eventLoop()
            .schedule(
                () -> {
                  if (pipelining.is(Http1State.WAITING)
                      && admission.requests() == asked
                      && !headBegun
                      && !ctx.isRemoved()) {
                    ctx.close();
                  }
                },
                0,
                TimeUnit.NANOSECONDS);
  }
}
