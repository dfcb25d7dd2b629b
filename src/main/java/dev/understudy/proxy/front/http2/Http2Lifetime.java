package dev.understudy.proxy.front.http2;

import dev.understudy.proxy.front.ConnectionAdmission;
import dev.understudy.proxy.front.FrontDoor;
import dev.understudy.proxy.front.FrontLimits;
import dev.understudy.proxy.front.TimedConnection;
import dev.understudy.traffic.Limit;
import io.netty.channel.Channel;
import io.netty.channel.ChannelHandlerContext;
import io.netty.handler.codec.http2.DefaultHttp2GoAwayFrame;
import io.netty.handler.codec.http2.DefaultHttp2PingFrame;
import io.netty.handler.codec.http2.Http2Error;
import io.netty.handler.codec.http2.Http2PingFrame;
import java.util.concurrent.TimeUnit;

/**
 * How long one HTTP/2 connection may stay, and how it is ended.
 *
 * <table>
 *   <caption>Stage, event, next stage</caption>
 *   <tr><td>OPEN: takes streams</td><td>its last request has come; we stop, and streams run</td>
 *       <td>LEAVING</td></tr>
 *   <tr><td></td><td>without streams: too long, or we stop, or need the place</td><td>LEFT</td></tr>
 *   <tr><td>LEAVING: the client was told to use another connection, but streams that are on their
 *       way are still taken (RFC 9113 §6.8)</td><td>it has answered, or had the time to</td>
 *       <td>LEFT</td></tr>
 *   <tr><td>LEFT: no stream is taken; it is closed with the last one</td><td></td><td></td></tr>
 *   <tr><td>BROKEN: the codec has said how the client broke HTTP/2 (RFC 9113 §5.4.1)</td><td>time to
 *       read that is over</td><td>closed, with all streams</td></tr>
 * </table>
 */
// A write that fails closes the channel, and that is seen.
@SuppressWarnings("FutureReturnValueIgnored")
final class Http2Lifetime extends TimedConnection {
  /** What marks the ping whose response has crossed all streams that were on their way. */
  private static final long FAREWELL = 0x756e_6465_7273_7475L;

  /** For the response to that ping, and for the last frames to go out. */
  private static final long FAREWELL_NANOS = TimeUnit.SECONDS.toNanos(2);

  private enum Stage {
    OPEN,
    LEAVING,
    LEFT,
    BROKEN
  }

  private final FrontDoor door;
  private final ChannelHandlerContext ctx;
  private final Http2Streams streams;
  private final ConnectionAdmission admission;
  private Stage stage = Stage.OPEN;

  /**
   * @param ctx the connection's
   */
  Http2Lifetime(
      FrontDoor door,
      ChannelHandlerContext ctx,
      Http2Streams streams,
      ConnectionAdmission admission) {
    super(door, ctx);
    this.door = door;
    this.ctx = ctx;
    this.streams = streams;
    this.admission = admission;
  }

  /** Another request has come. */
  void requestCame() {
    if (stage == Stage.OPEN && admission.isLastAllowed()) {
      leaveSoon();
    }
  }

  /** The client has answered a ping. */
  void answered(Http2PingFrame ping) {
    if (ping.content() == FAREWELL && stage == Stage.LEAVING) {
      leaveNow();
    }
  }

  /** The client broke HTTP/2; the codec would let its streams run on for half a minute. */
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
    streams.sweep(nowClock);
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

  /** Past TLS and the codec, which wait until a client that reads nothing has room. */
  private void closeAtOnce() {
    Channel channel = ctx.channel();
    channel.unsafe().close(channel.voidPromise());
  }

  private void sweepIdle(long waited) {
    boolean fresh = admission.isFresh();
    FrontLimits limits = door.limits();
    if (waited >= (fresh ? limits.headerTimeout() : limits.keepAlive()).toNanos()) {
      if (fresh) {
        door.listener().limited(Limit.HEADER_TIME);
      }
      leaveNow();
    }
  }

  @Override
  public void drain() {
    if (stage == Stage.OPEN && streams.isEmpty()) {
      leaveNow();
    } else if (stage == Stage.OPEN) {
      leaveSoon();
    }
  }

  /** A request that crosses this on its way is served. */
  private void leaveSoon() {
    stage = Stage.LEAVING;
    moved();
    ctx.write(
        new DefaultHttp2GoAwayFrame(Http2Error.NO_ERROR).setExtraStreamIds(Integer.MAX_VALUE));
    ctx.writeAndFlush(new DefaultHttp2PingFrame(FAREWELL));
  }

  /** The codec says which stream was the last one, if we have not, and closes after it. */
  private void leaveNow() {
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
