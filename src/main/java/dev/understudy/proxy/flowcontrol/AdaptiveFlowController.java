package dev.understudy.proxy.flowcontrol;

import io.netty.buffer.ByteBuf;
import io.netty.channel.ChannelHandlerContext;
import io.netty.handler.codec.http2.DefaultHttp2LocalFlowController;
import io.netty.handler.codec.http2.Http2Connection;
import io.netty.handler.codec.http2.Http2ConnectionAdapter;
import io.netty.handler.codec.http2.Http2ConnectionHandler;
import io.netty.handler.codec.http2.Http2Exception;
import io.netty.handler.codec.http2.Http2Stream;
import java.util.concurrent.TimeUnit;
import java.util.function.LongSupplier;
import org.jspecify.annotations.Nullable;

/**
 * Flow control of what the peer of one HTTP/2 connection sends, with windows that grow until they
 * no longer hold back a sender over a long way (RFC 9113 §5.2).
 *
 * <ul>
 *   <li>{@link WindowSizing} decides how large a stream's window should be. The delay is the time
 *       to the acknowledgement of SETTINGS, until then {@link #ASSUMED_DELAY_NANOS}.
 *   <li>A stream after one whose window has grown begins with such a window; one that was opened
 *       here over a long way with the largest, as far as half of the budget allows: a first one
 *       that is too small costs a round trip.
 *   <li>The connection's window is as large as its streams' windows together, so that a stream
 *       which is not read holds back no other.
 *   <li>What the peer may send unread beyond the first windows is taken from the {@link
 *       WindowBudget}, and given back when it has come and was read, or the connection ends. As a
 *       promise cannot be revoked (§6.9.3), none is made for more than a stream's announced length.
 *   <li>A server can send only on streams that were opened here: without one whose window has grown
 *       nothing is kept for what may come, though the connection's window may still be large. A
 *       response that is complete and unread is kept for until its user has {@linkplain #left
 *       left}.
 * </ul>
 */
public final class AdaptiveFlowController extends DefaultHttp2LocalFlowController {
  /** The first window of a stream and of a connection, in bytes. */
  public static final int FIRST_WINDOW = WindowSizing.FIRST;

  /** 50 ms. */
  private static final long ASSUMED_DELAY_NANOS = TimeUnit.MILLISECONDS.toNanos(50);

  /** A round trip in which less than a window would not be missed: 2 ms. */
  private static final long NEAR_NANOS = TimeUnit.MILLISECONDS.toNanos(2);

  /** The least that the connection's window is opened by: 2 KB. */
  private static final int LEAST_UPDATE = 2048;

  private final Http2Connection connection;
  private final Http2Connection.PropertyKey key;
  private final WindowReservation reservation;
  private final LongSupplier nanoTime;
  private long beginNanos;

  /** Streams for which the connection's first window has room. */
  private final int covered;

  /** Whether streams are opened here, never more than are covered. */
  private final boolean opens;

  /** Negative until it is measured. */
  private long delayNanos = -1;

  /** The window of the last stream, if that used more than a first one; else the first. */
  private int learned = FIRST_WINDOW;

  private @Nullable UnreadDataJoiner joiner;
  private int inflows;

  /**
   * Whether the peer has exceeded a window, for which the connection ends. What is read until then
   * is not counted: Netty counts the frame that exceeds one twice.
   */
  private boolean exceeded;

  /**
   * Replaces the flow control of a connection that has not begun.
   *
   * @param covered how many first windows of streams the connection's window has room for, without
   *     the budget
   */
  public static void install(Http2ConnectionHandler codec, int covered, WindowBudget budget) {
    install(codec, covered, budget, System::nanoTime);
  }

  static void install(
      Http2ConnectionHandler codec, int covered, WindowBudget budget, LongSupplier nanoTime) {
    Http2Connection connection = codec.connection();
    AdaptiveFlowController made = new AdaptiveFlowController(connection, covered, budget, nanoTime);
    made.frameWriter(codec.encoder().frameWriter());
    connection.local().flowController(made);
    made.joiner = new UnreadDataJoiner(connection, codec.decoder().frameListener());
    codec.decoder().frameListener(made.joiner);
  }

  /** The flow control that was installed. */
  public static AdaptiveFlowController of(Http2Connection connection) {
    return (AdaptiveFlowController) connection.local().flowController();
  }

  private AdaptiveFlowController(
      Http2Connection connection, int covered, WindowBudget budget, LongSupplier nanoTime) {
    super(connection);
    this.connection = connection;
    this.key = connection.newKey();
    this.covered = covered;
    this.opens = !connection.isServer();
    this.reservation = new WindowReservation(budget);
    this.nanoTime = nanoTime;
    this.beginNanos = nanoTime.getAsLong();
    connection.addListener(
        new Http2ConnectionAdapter() {
          @Override
          public void onStreamClosed(Http2Stream stream) {
            ended(stream);
          }
        });
  }

  @Override
  public void channelHandlerContext(ChannelHandlerContext ctx) {
    super.channelHandlerContext(ctx);
    ctx.channel().closeFuture().addListener(done -> close());
  }

  private void close() {
    if (joiner != null) {
      joiner.closed();
    }
    reservation.close();
  }

  /** Opens the connection's window for all streams that are covered, as SETTINGS have left. */
  public void cover() {
    beginNanos = nanoTime.getAsLong();
    add(connection.connectionStream(), (covered - 1) * FIRST_WINDOW);
  }

  /** Handles the acknowledgement of the first SETTINGS. */
  public void acknowledged() throws Http2Exception {
    if (delayNanos < 0) {
      delayNanos = nanoTime.getAsLong() - beginNanos;
      int largest = WindowSizing.largest(delayNanos);
      connection.forEachActiveStream(
          stream -> {
            StreamInflow inflow = stream.getProperty(key);
            if (inflow != null) {
              limit(stream, inflow, largest);
            }
            return true;
          });
    }
  }

  private long delayNanos() {
    return delayNanos >= 0
        ? delayNanos
        : Math.max(nanoTime.getAsLong() - beginNanos, ASSUMED_DELAY_NANOS);
  }

  /** Handles a stream that was opened here, whose HEADERS were written. */
  public void opened(int id) {
    boolean far = delayNanos() > NEAR_NANOS;
    Http2Stream stream = far || learned > FIRST_WINDOW ? connection.stream(id) : null;
    if (stream != null) {
      StreamInflow made = inflow(stream);
      if (far) {
        widen(stream, made, WindowSizing.largest(delayNanos()), false);
      }
    }
  }

  /**
   * Handles the head of a body, of which some may have come.
   *
   * @param length in bytes; negative if it is not known
   */
  public void announced(int id, long length) {
    boolean matters = length > FIRST_WINDOW || (opens && length >= 0);
    Http2Stream stream = matters ? connection.stream(id) : null;
    if (stream != null && stream.state().remoteSideOpen()) {
      StreamInflow known = stream.getProperty(key);
      if (known != null) {
        known.announced(length);
        limit(stream, known, known.most(unconsumedBytes(stream)));
      } else if (length > FIRST_WINDOW) {
        begin(stream, length);
      }
    }
  }

  private StreamInflow inflow(Http2Stream stream) {
    StreamInflow known = stream.getProperty(key);
    return known == null ? begin(stream, StreamInflow.UNKNOWN) : known;
  }

  private StreamInflow begin(Http2Stream stream, long length) {
    StreamInflow made = new StreamInflow(length);
    stream.setProperty(key, made);
    inflows++;
    if (inflows > covered) {
      share(made, FIRST_WINDOW, true);
    }
    if (learned > FIRST_WINDOW) {
      widen(stream, made, learned, true);
    }
    return made;
  }

  @Override
  public void receiveFlowControlledFrame(
      @Nullable Http2Stream stream, ByteBuf data, int padding, boolean end) throws Http2Exception {
    try {
      super.receiveFlowControlledFrame(stream, data, padding, end);
    } catch (Http2Exception e) {
      exceeded = true;
      // Either may end (RFC 9113 §6.9.1); who ignores windows gets no further stream.
      throw Http2Exception.connectionError(e.error(), e, "%s", e.getMessage());
    }
    if (stream == null || stream.state() == Http2Stream.State.CLOSED) {
      settle();
    } else if (end) {
      completed(stream);
    } else {
      received(stream, data.readableBytes());
    }
  }

  private void completed(Http2Stream stream) {
    StreamInflow inflow = stream.getProperty(key);
    if (inflow != null) {
      inflow.completed();
      consumed(stream, inflow, 0);
    }
  }

  private void received(Http2Stream stream, int bytes) {
    inflow(stream).arrived(bytes, nanoTime.getAsLong());
  }

  @Override
  public boolean consumeBytes(@Nullable Http2Stream stream, int bytes) throws Http2Exception {
    if (exceeded) {
      return false;
    }
    StreamInflow inflow = stream == null || bytes == 0 ? null : stream.getProperty(key);
    if (stream != null && inflow != null) {
      consumed(stream, inflow, bytes);
    }
    boolean updated = super.consumeBytes(stream, bytes);
    if (joiner != null && stream != null && bytes > 0) {
      joiner.consumed(stream);
    }
    boolean opened = openConnection();
    settle();
    return updated || opened;
  }

  /**
   * Opens the connection's window once half is used up of what unread streams leave of it, for
   * which Netty is told another ratio than its half of the whole: of that the others could wait in
   * vain.
   *
   * @return whether it was opened
   */
  private boolean openConnection() throws Http2Exception {
    Http2Stream all = connection.connectionStream();
    int least = Math.min((window() + unconsumedBytes(all)) / 2, window() - LEAST_UPDATE);
    int left = windowSize(all);
    windowUpdateRatio(all, (float) least / window());
    return windowSize(all) > left;
  }

  private void consumed(Http2Stream stream, StreamInflow inflow, int bytes) {
    int unread = unconsumedBytes(stream) - bytes;
    if (inflow.read(bytes, unread)) {
      ended(stream);
      return;
    }
    widen(stream, inflow, inflow.wanted(initialWindowSize(stream), delayNanos()), true);
    limit(stream, inflow, inflow.most(unread));
  }

  /**
   * Widens a stream's window, or as much as may be.
   *
   * @param needed whether the sender was seen to need it
   */
  private void widen(Http2Stream stream, StreamInflow inflow, int wanted, boolean needed) {
    int window = initialWindowSize(stream);
    int more = inflow.growth(wanted, window, unconsumedBytes(stream));
    if (more > 0 && covered == 1 && inflow.share() == 0) {
      // Unread, it would leave no room to streams that have yet to begin.
      share(inflow, FIRST_WINDOW, needed);
    }
    int shared = more > 0 ? share(inflow, more, needed) : 0;
    if (shared > 0) {
      inflow.grown(window + shared);
      add(stream, shared);
    }
  }

  /** Narrows a stream's window to {@code most}, but not below its first size. */
  private void limit(Http2Stream stream, StreamInflow inflow, long most) {
    int less = inflow.excess(initialWindowSize(stream), most);
    if (less > 0) {
      add(stream, -less);
      add(connection.connectionStream(), -less);
      inflow.shared(-less);
    }
  }

  /**
   * Adds to the connection's window what a stream wants more, or as much as may be taken.
   *
   * @return by how many bytes the window has grown
   */
  private int share(StreamInflow inflow, int wanted, boolean needed) {
    int more = reservation.grow(wanted, beyond(window()), needed);
    if (more > 0) {
      inflow.shared(more);
      add(connection.connectionStream(), more);
    }
    return more;
  }

  /** Handles a stream that sends no more and is read. */
  private void ended(Http2Stream stream) {
    StreamInflow inflow = stream.removeProperty(key);
    if (inflow != null) {
      inflows--;
      if (!reservation.isClosed()) {
        learned = inflow.learned();
        add(connection.connectionStream(), -inflow.share());
        if (opens && inflow.isComplete()) {
          // Netty counts a stream that is closed as read; its data waits for its user all the same.
          reservation.keep(stream.id(), inflow.occupiedShare());
        }
      }
    }
    settle();
  }

  /**
   * Handles the end of a stream that was opened here for its user, who has read it or never will.
   */
  public void left(int id) {
    if (reservation.release(id)) {
      settle();
    }
  }

  /** Changes a window. */
  private void add(Http2Stream stream, int bytes) {
    try {
      incrementWindowSize(stream, bytes);
    } catch (Http2Exception e) {
      throw new IllegalStateException("no window is near 2 GB", e);
    }
  }

  /** Gives back what the peer may not send any more. */
  private void settle() {
    Http2Stream all = connection.connectionStream();
    int promised = windowSize(all) + unconsumedBytes(all);
    reservation.settle(opens && inflows == 0 ? 0 : beyond(Math.max(window(), promised)));
  }

  /** The connection's window when nothing is unread. */
  private int window() {
    return initialWindowSize(connection.connectionStream());
  }

  private int beyond(int window) {
    return Math.max(0, window - covered * FIRST_WINDOW);
  }
}
