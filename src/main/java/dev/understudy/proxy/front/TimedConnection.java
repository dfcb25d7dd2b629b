package dev.understudy.proxy.front;

import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelPipeline;

/**
 * A client's connection as its loop keeps it: how long it has waited, and how it is ended when it
 * has no request, or too long none.
 */
public abstract class TimedConnection extends ClientWait {
  /** What {@link #waitingSince} says of one that has a request. */
  public static final long NOT_WAITING = Long.MIN_VALUE;

  private final FrontLoop loop;
  private int slot = -1;

  /**
   * It waits already; {@link #enter} follows.
   *
   * @param since by {@link FrontLoop#mark}
   */
  public TimedConnection(FrontLoop loop, long since) {
    super(loop, since);
    this.loop = loop;
  }

  /** As long as the client has been there, the choice of its HTTP included. */
  public TimedConnection(FrontDoor door, ChannelHandlerContext ctx) {
    this(door.on(ctx.channel().eventLoop()), ctx.pipeline());
  }

  private TimedConnection(FrontLoop loop, ChannelPipeline pipeline) {
    this(loop, TlsNegotiation.since(pipeline, loop));
  }

  /** Its waits are judged from now on. */
  public final void enter() {
    loop.enter(this);
  }

  /** It has ended, or is another's. Without effect if it has left. */
  public final void leave() {
    loop.leave(this);
  }

  /** Where the loop keeps it; negative: nowhere. */
  final int slot() {
    return slot;
  }

  final void slot(int given) {
    slot = given;
  }

  /**
   * By {@link FrontLoop#mark}, since when it has waited for a request or for the rest of its head.
   */
  public long waitingSince() {
    return isWaiting() ? since() : NOT_WAITING;
  }

  /** Whether it has no request. */
  public abstract boolean isWaiting();

  /** Makes room for others; it waits for a request. */
  public abstract void shed();

  /** Judges what it waits for. */
  public abstract void sweep(long nowClock);

  /** We are stopping: it ends as soon as nothing would be lost. */
  public abstract void drain();
}
