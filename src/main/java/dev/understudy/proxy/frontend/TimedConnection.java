package dev.understudy.proxy.frontend;

import dev.understudy.traffic.Limit;
import io.netty.channel.ChannelHandlerContext;
import java.util.concurrent.TimeUnit;

/** A client connection whose waits are measured, and which is ended when a timeout passes. */
public abstract class TimedConnection extends ClientWait {
  /** The {@link #waitingSince} of a connection that has a request. */
  public static final long NOT_WAITING = Long.MIN_VALUE;

  /**
   * The longest time for a new connection's first request while the process is stopping. HAProxy
   * grants it the whole {@code timeout http-request} then.
   */
  private static final long FIRST_REQUEST_WHILE_DRAINING_NANOS = TimeUnit.SECONDS.toNanos(5);

  private final FrontendLoop loop;
  private final Frontend frontend;
  private boolean retired;

  /**
   * Begins with a wait; {@link #enter} must follow.
   *
   * @param since the start of the wait, by {@link FrontendLoop#mark}
   */
  public TimedConnection(Frontend frontend, FrontendLoop loop, long since) {
    super(loop, since);
    this.loop = loop;
    this.frontend = frontend;
  }

  /** Begins with a wait that includes the choice of the HTTP version, if there was one. */
  public TimedConnection(Frontend frontend, ChannelHandlerContext ctx) {
    this(frontend, frontend.on(ctx.channel().eventLoop()), HttpVersionChoice.since(frontend, ctx));
  }

  /** The frontend through which the connection came. */
  public final Frontend frontend() {
    return frontend;
  }

  /** Starts the timeouts of this connection. */
  public final void enter() {
    loop.enter(this);
  }

  /**
   * Stops the timeouts: the connection has ended or another owner took it over. No effect if
   * already stopped.
   */
  public final void leave() {
    loop.leave(this);
  }

  /**
   * The start of the wait for a request or the rest of its head, by {@link FrontendLoop#mark};
   * {@link #NOT_WAITING} unless it {@link #isWaiting}.
   */
  public long waitingSince() {
    return isWaiting() ? since() : NOT_WAITING;
  }

  /**
   * Whether the connection has no request, and nothing for its client to read: such a one can be
   * closed without a loss.
   */
  public abstract boolean isWaiting();

  /** Closes the connection, which waits for a request, to make room for others. */
  public abstract void shed();

  /**
   * Ends the connection or its request if a timeout has passed; called about every 100 ms.
   *
   * @param nowClock the event loop's counted time in nanoseconds
   */
  public abstract void sweep(long nowClock);

  /**
   * Ends the connection as soon as no request is lost by it: the process is stopping, or its
   * listener is gone. A new one that {@link #awaitsFirstRequest} ends by {@link #sweep}.
   */
  public abstract void drain();

  /**
   * Whether a new connection may still send its first request although it drains: the process is
   * stopping. A listener that is gone may have let it in by other rules than now.
   */
  protected final boolean awaitsFirstRequest() {
    return frontend.isProcessDraining();
  }

  /**
   * The time that a new connection has from its start, handshake included, until the head of its
   * first request.
   */
  protected final long firstRequestNanos() {
    long limit = frontend.limits().headerTimeout().toNanos();
    return awaitsFirstRequest() ? Math.min(limit, FIRST_REQUEST_WHILE_DRAINING_NANOS) : limit;
  }

  /** Counts a new connection that ends without a request, unless the process is stopping. */
  protected final void firstRequestIsLate() {
    if (!awaitsFirstRequest()) {
      frontend.listener().limited(Limit.HEADER_TIME);
    }
  }

  /**
   * Has the client send further requests elsewhere, without cutting one that is on its way. Over
   * HTTP/1 the next response says so.
   */
  protected void leaveSoon() {}

  /** Ends the connection as {@link #drain} does, though its listener stays. */
  final void retire() {
    retired = true;
    drain();
  }

  /** Whether it ends though its listener stays. */
  public final boolean isRetired() {
    return retired;
  }

  /** Whether it ends as soon as it has no request. */
  public final boolean isDraining() {
    return retired || frontend.isDraining();
  }

  /** Whether the next response is the last on this connection. */
  public final boolean isStopping() {
    return retired || frontend.isStopping();
  }
}
