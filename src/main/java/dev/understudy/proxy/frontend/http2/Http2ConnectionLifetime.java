package dev.understudy.proxy.frontend.http2;

import dev.understudy.proxy.eventloop.SlotList;
import dev.understudy.proxy.frontend.ConnectionAdmission;
import dev.understudy.proxy.frontend.Frontend;
import dev.understudy.proxy.frontend.FrontendLimits;
import dev.understudy.proxy.frontend.TimedConnection;
import io.netty.channel.Channel;
import io.netty.channel.ChannelHandlerContext;
import io.netty.handler.codec.http2.DefaultHttp2GoAwayFrame;
import io.netty.handler.codec.http2.DefaultHttp2PingFrame;
import io.netty.handler.codec.http2.Http2Error;
import io.netty.handler.codec.http2.Http2PingFrame;
import java.util.concurrent.TimeUnit;

/**
 * Limits how long one HTTP/2 connection stays, and ends it.
 *
 * <table>
 *   <caption>Stage, event, next stage</caption>
 *   <tr><td>OPEN: accepts streams</td>
 *       <td>last allowed request arrived; no request for the keep-alive time; process stopping</td>
 *       <td>LEAVING</td></tr>
 *   <tr><td></td><td>without streams: no first request in time, or room needed</td>
 *       <td>LEFT</td></tr>
 *   <tr><td></td><td>the client has ended TLS in its direction</td><td>LEFT</td></tr>
 *   <tr><td>LEAVING: GOAWAY sent, streams in flight are still accepted (RFC 9113 §6.8)</td>
 *       <td>ping acknowledged, or 2 s</td><td>LEFT</td></tr>
 *   <tr><td>LEFT: accepts no stream, closes with the last one</td><td></td><td></td></tr>
 *   <tr><td>BROKEN: the codec has sent the GOAWAY of a connection error (RFC 9113 §5.4.1)</td>
 *       <td>2 s</td><td>closed, with all streams</td></tr>
 * </table>
 */
// A failed write closes the channel, which channelInactive reports.
@SuppressWarnings("FutureReturnValueIgnored")
final class Http2ConnectionLifetime extends TimedConnection {
  /** The payload of the ping whose acknowledgement arrives after all streams in flight. */
  private static final long FAREWELL = 0x756e_6465_7273_7475L;

  /** The time for that acknowledgement, and for the last frames to be sent. */
  private static final long FAREWELL_NANOS = TimeUnit.SECONDS.toNanos(2);

  private enum Stage {
    OPEN,
    LEAVING,
    LEFT,
    BROKEN
  }

  private final ChannelHandlerContext ctx;
  private final SlotList<Http2ClientStream> streams;
  private final ConnectionAdmission admission;
  private Stage stage = Stage.OPEN;

  /**
   * @param ctx the context of the {@link Http2ClientConnection}
   */
  Http2ConnectionLifetime(
      Frontend frontend,
      ChannelHandlerContext ctx,
      SlotList<Http2ClientStream> streams,
      ConnectionAdmission admission) {
    super(frontend, ctx);
    this.ctx = ctx;
    this.streams = streams;
    this.admission = admission;
  }

  /** Handles the arrival of a request, which may be the last allowed. */
  void requestCame() {
    if (stage == Stage.OPEN && (admission.isLastAllowed() || awaitsFirstRequest())) {
      leaveSoon();
    }
  }

  /** Handles the acknowledgement of a ping. */
  void acknowledged(Http2PingFrame ping) {
    if (ping.content() == FAREWELL && stage == Stage.LEAVING) {
      leaveNow();
    }
  }

  /**
   * Handles a connection error. Without this stage the codec would let open streams run for another
   * 30 s.
   */
  void broken() {
    stage = Stage.BROKEN;
    moved();
  }

  @Override
  public boolean isWaiting() {
    return streams.isEmpty();
  }

  @Override
  public void shed() {
    leaveNow();
  }

  @Override
  public void sweep(long nowClock) {
    streams.forEach(each -> each.sweep(nowClock));
    long waited = waited(nowClock);
    switch (stage) {
      case OPEN -> {
        if (streams.isEmpty()) {
          sweepIdle(waited);
        }
      }
      case LEAVING -> {
        if (waited >= FAREWELL_NANOS) {
          leaveNow();
        }
      }
      case LEFT -> {
        if (streams.isEmpty() && waited >= FAREWELL_NANOS) {
          closeAtOnce();
        }
      }
      case BROKEN -> {
        if (waited >= FAREWELL_NANOS) {
          closeAtOnce();
        }
      }
    }
  }

  /**
   * Closes the socket without TLS and the codec, which would wait for a client that never reads.
   */
  void closeAtOnce() {
    Channel channel = ctx.channel();
    channel.unsafe().close(channel.voidPromise());
  }

  private void sweepIdle(long waited) {
    FrontendLimits limits = frontend().limits();
    if (!admission.isFresh()) {
      if (waited >= limits.keepAlive().toNanos()) {
        leaveSoon();
      }
    } else if (waited >= firstRequestNanos()) {
      firstRequestIsLate();
      leaveNow();
    }
  }

  @Override
  public void drain() {
    if (!admission.isFresh() || !awaitsFirstRequest()) {
      leaveSoon();
    }
  }

  /** Sends a GOAWAY that accepts all streams in flight, and a ping to learn of their arrival. */
  @Override
  protected void leaveSoon() {
    if (stage != Stage.OPEN) {
      return;
    }
    stage = Stage.LEAVING;
    moved();
    ctx.write(
        new DefaultHttp2GoAwayFrame(Http2Error.NO_ERROR).setExtraStreamIds(Integer.MAX_VALUE));
    ctx.writeAndFlush(new DefaultHttp2PingFrame(FAREWELL));
  }

  /** Sends the final GOAWAY, here or by the codec, which closes after the last stream. */
  void leaveNow() {
    if (stage == Stage.LEFT || stage == Stage.BROKEN) {
      return;
    }
    if (stage == Stage.LEAVING) {
      ctx.write(new DefaultHttp2GoAwayFrame(Http2Error.NO_ERROR));
    }
    stage = Stage.LEFT;
    moved();
    ctx.close();
  }
}
