package dev.understudy.proxy.flowcontrol;

import io.netty.buffer.ByteBuf;
import io.netty.channel.ChannelHandlerContext;
import io.netty.handler.codec.http2.DefaultHttp2LocalFlowController;
import io.netty.handler.codec.http2.Http2Connection;
import io.netty.handler.codec.http2.Http2ConnectionAdapter;
import io.netty.handler.codec.http2.Http2ConnectionHandler;
import io.netty.handler.codec.http2.Http2Exception;
import io.netty.handler.codec.http2.Http2Stream;
import io.netty.util.collection.IntObjectHashMap;
import io.netty.util.collection.IntObjectMap;
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

  /** The least that the connection's window is opened by while something is unread: 2 KB. */
  private static final int LEAST_UPDATE = 2048;

  private static final long UNKNOWN = Long.MAX_VALUE / 2;

  /** What is known of a stream that may send more, or was not read yet. */
  private static final class Inflow {
    final WindowSizing sizing = new WindowSizing();

    /** Bytes that have still to come; {@link #UNKNOWN}, less what came, if not announced. */
    long missing;

    /** Whether no more comes, though something may be unread. */
    boolean complete;

    long arrived;

    /** The largest window. */
    int window = FIRST_WINDOW;

    /** What it adds to the connection's window. */
    int share;

    /** Bytes that were unread at the last look. */
    int unread;

    Inflow(long length) {
      missing = length;
    }
  }

  private final Http2Connection connection;
  private final Http2Connection.PropertyKey key;
  private final WindowBudget budget;
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

  /** Bytes taken from the budget. */
  private int taken;

  /** The part of {@link #taken} that complete, unread responses occupy, by stream. */
  private final IntObjectMap<Integer> unreadShares = new IntObjectHashMap<>();

  /** The sum of {@link #unreadShares}. */
  private int unreadShare;

  private @Nullable UnreadDataJoiner joiner;
  private int inflows;
  private boolean closed;

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
    this.budget = budget;
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
    closed = true;
    budget.giveBack(taken);
    taken = 0;
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
            Inflow inflow = stream.getProperty(key);
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
      Inflow made = inflow(stream);
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
      Inflow known = stream.getProperty(key);
      if (known != null) {
        known.missing = length - known.arrived;
        limit(stream, known, unconsumedBytes(stream) + known.missing);
      } else if (length > FIRST_WINDOW) {
        begin(stream, length);
      }
    }
  }

  private Inflow inflow(Http2Stream stream) {
    Inflow known = stream.getProperty(key);
    return known == null ? begin(stream, UNKNOWN) : known;
  }

  private Inflow begin(Http2Stream stream, long length) {
    Inflow made = new Inflow(length);
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
    Inflow inflow = stream.getProperty(key);
    if (inflow != null) {
      inflow.complete = true;
      inflow.missing = 0;
      inflow.unread = unconsumedBytes(stream);
      consumed(stream, inflow, 0);
    }
  }

  private void received(Http2Stream stream, int bytes) {
    Inflow inflow = inflow(stream);
    inflow.sizing.arrived(nanoTime.getAsLong());
    inflow.arrived += bytes;
    inflow.missing -= bytes;
  }

  @Override
  public boolean consumeBytes(@Nullable Http2Stream stream, int bytes) throws Http2Exception {
    if (exceeded) {
      return false;
    }
    Inflow inflow = stream == null || bytes == 0 ? null : stream.getProperty(key);
    if (stream != null && inflow != null) {
      consumed(stream, inflow, bytes);
    }
    boolean updated = super.consumeBytes(stream, bytes);
    if (joiner != null && stream != null && bytes > 0) {
      joiner.consumed(stream);
    }
    boolean refilled = refill();
    settle();
    return updated || refilled;
  }

  /**
   * Opens the connection's window again when half is used up of what unread streams leave of it;
   * Netty waits for half of the whole.
   */
  private boolean refill() throws Http2Exception {
    Http2Stream all = connection.connectionStream();
    int unread = unconsumedBytes(all);
    int used = window() - windowSize(all) - unread;
    if (unread == 0 || used < Math.max(LEAST_UPDATE, (window() - unread) / 2)) {
      return false;
    }
    float ratio = windowUpdateRatio(all);
    windowUpdateRatio(all, Math.nextDown(1f));
    windowUpdateRatio(all, ratio);
    return true;
  }

  private void consumed(Http2Stream stream, Inflow inflow, int bytes) {
    int unread = unconsumedBytes(stream) - bytes;
    inflow.unread = unread;
    if (inflow.complete && unread == 0) {
      ended(stream);
      return;
    }
    int window = initialWindowSize(stream);
    inflow.sizing.read(bytes);
    if (inflow.sizing.isDue(window)) {
      widen(stream, inflow, inflow.sizing.decide(unread, window, delayNanos()).window(), true);
    }
    limit(stream, inflow, unread + inflow.missing);
  }

  /**
   * Widens a stream's window, or as much as may be. What is unread, and what is being read, leaves
   * less of it for what is missing, and the end would wait for another round trip.
   *
   * @param needed whether the sender was seen to need it
   */
  private void widen(Http2Stream stream, Inflow inflow, int wanted, boolean needed) {
    int window = initialWindowSize(stream);
    int more = (int) Math.min(wanted, inflow.missing + unconsumedBytes(stream)) - window;
    if (more > 0 && covered == 1 && inflow.share == 0) {
      // Unread, it would leave no room to streams that have yet to begin.
      share(inflow, FIRST_WINDOW, needed);
    }
    int shared = more > 0 ? share(inflow, more, needed) : 0;
    if (shared > 0) {
      inflow.window = window + shared;
      add(stream, shared);
    }
  }

  /** Narrows a stream's window that is beyond its first one, if it is larger than that. */
  private void limit(Http2Stream stream, Inflow inflow, long most) {
    int window = initialWindowSize(stream);
    if (window > FIRST_WINDOW && most < window) {
      int less = Math.min(inflow.share, window - (int) Math.max(FIRST_WINDOW, most));
      add(stream, -less);
      add(connection.connectionStream(), -less);
      inflow.share -= less;
    }
  }

  /**
   * Adds to the connection's window what a stream wants more, or as much as may be taken.
   *
   * @return by how many bytes the window has grown
   */
  private int share(Inflow inflow, int wanted, boolean needed) {
    int unused = Math.max(0, taken - unreadShare - beyond(window()));
    int missing = closed ? 0 : Math.max(0, wanted - unused);
    int got = missing == 0 ? 0 : budget.take(missing, taken, needed);
    int more = Math.min(wanted, unused + got);
    if (more < Math.min(wanted, FIRST_WINDOW)) {
      budget.giveBack(got);
      return 0;
    }
    taken += got;
    inflow.share += more;
    add(connection.connectionStream(), more);
    return more;
  }

  /** Handles a stream that sends no more and is read. */
  private void ended(Http2Stream stream) {
    Inflow inflow = stream.removeProperty(key);
    if (inflow != null) {
      inflows--;
      if (!closed) {
        learned = inflow.arrived > FIRST_WINDOW ? inflow.window : FIRST_WINDOW;
        add(connection.connectionStream(), -inflow.share);
        if (opens && inflow.complete) {
          keep(stream.id(), Math.min(inflow.share, inflow.unread));
        }
      }
    }
    settle();
  }

  /** Netty counts a stream that is closed as read; its data waits for its user all the same. */
  private void keep(int id, int bytes) {
    if (bytes > 0) {
      unreadShares.put(Integer.valueOf(id), Integer.valueOf(bytes));
      unreadShare += bytes;
    }
  }

  /**
   * Handles the end of a stream that was opened here for its user, who has read it or never will.
   */
  public void left(int id) {
    Integer kept = unreadShares.remove(id);
    if (kept != null) {
      unreadShare -= kept;
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
    if (taken > 0) {
      Http2Stream all = connection.connectionStream();
      int promised = windowSize(all) + unconsumedBytes(all);
      int coming = opens && inflows == 0 ? 0 : beyond(Math.max(window(), promised));
      int kept = coming + unreadShare;
      if (kept < taken) {
        budget.giveBack(taken - kept);
        taken = kept;
      }
    }
  }

  /** The connection's window when nothing is unread. */
  private int window() {
    return initialWindowSize(connection.connectionStream());
  }

  private int beyond(int window) {
    return Math.max(0, window - covered * FIRST_WINDOW);
  }
}
