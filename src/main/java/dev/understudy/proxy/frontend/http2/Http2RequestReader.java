package dev.understudy.proxy.frontend.http2;

import static dev.understudy.proxy.flowcontrol.PacedFrameReader.FLAGS;
import static dev.understudy.proxy.flowcontrol.PacedFrameReader.STREAM;
import static dev.understudy.proxy.flowcontrol.PacedFrameReader.TYPE;

import dev.understudy.proxy.flowcontrol.AdaptiveFlowController;
import dev.understudy.proxy.http.HeaderTableSizes;
import io.netty.buffer.ByteBuf;
import io.netty.channel.ChannelHandlerContext;
import io.netty.handler.codec.http.HttpHeaderNames;
import io.netty.handler.codec.http2.Http2CodecUtil;
import io.netty.handler.codec.http2.Http2Connection;
import io.netty.handler.codec.http2.Http2Error;
import io.netty.handler.codec.http2.Http2Exception;
import io.netty.handler.codec.http2.Http2Exception.HeaderListSizeException;
import io.netty.handler.codec.http2.Http2FrameListener;
import io.netty.handler.codec.http2.Http2FrameListenerDecorator;
import io.netty.handler.codec.http2.Http2FrameReader;
import io.netty.handler.codec.http2.Http2FrameTypes;
import io.netty.handler.codec.http2.Http2Headers;
import io.netty.handler.codec.http2.Http2Settings;
import io.netty.handler.codec.http2.Http2Stream;
import org.jspecify.annotations.Nullable;

/**
 * Judges each frame by the state of its stream, before Netty's codec sees it (RFC 9113 §5.1).
 *
 * <table>
 *   <caption>Frame, stream, result</caption>
 *   <tr><td>HEADERS that depends on its own stream</td><td>new, or open</td>
 *       <td>stream error (RFC 7540 §5.3.1; RFC 9113 §5.3.2 allows it to be ignored)</td></tr>
 *   <tr><td>HEADERS, malformed</td><td>new, or open (trailers)</td>
 *       <td>stream error (§8.1.1)</td></tr>
 *   <tr><td>HEADERS</td><td>ended by the client</td><td>stream error STREAM_CLOSED</td></tr>
 *   <tr><td>HEADERS</td><td>skipped: a later one was opened</td>
 *       <td>connection error PROTOCOL_ERROR (§5.1.1)</td></tr>
 *   <tr><td>HEADERS, DATA</td><td>reset by the proxy, not ended by the client</td>
 *       <td>dropped, up to a window; the connection's window is restored</td></tr>
 *   <tr><td>HEADERS</td><td>otherwise closed</td><td>connection error STREAM_CLOSED</td></tr>
 *   <tr><td>DATA</td><td>otherwise closed</td><td>stream error STREAM_CLOSED</td></tr>
 *   <tr><td>RST_STREAM, WINDOW_UPDATE</td><td>closed</td><td>dropped</td></tr>
 *   <tr><td>SETTINGS that set HEADER_TABLE_SIZE, more than 200 within 30 s</td><td>none</td>
 *       <td>connection error ENHANCE_YOUR_CALM</td></tr>
 * </table>
 *
 * <p>Netty judges everything else. On its own, Netty does not know a stream that it refused or
 * whose head it found malformed, and ends the connection at the next frame on it.
 */
final class Http2RequestReader implements Http2FrameReader {
  /** Flags of HEADERS (RFC 9113 §6.2). */
  private static final int PADDED = 0x8;

  private static final int PRIORITY = 0x20;

  /** Also of CONTINUATION (§6.10). */
  private static final int END_HEADERS = 0x4;

  private final Http2FrameReader frames;
  private final Http2Connection connection;
  private final Http2ClosedStreams closed;
  private @Nullable States states;

  /** The id of the stream whose head is being read and depends on itself; 0 for none. */
  private int dependsOnItself;

  /** The bytes that have come of a head or trailers whose last frame has not. */
  private int unfinished;

  private final HeaderTableSizes tableSizes = new HeaderTableSizes();

  Http2RequestReader(
      Http2FrameReader frames, Http2Connection connection, Http2ClosedStreams closed) {
    this.frames = frames;
    this.connection = connection;
    this.closed = closed;
  }

  /** Reads one whole frame. */
  @Override
  public void readFrame(ChannelHandlerContext ctx, ByteBuf input, Http2FrameListener listener)
      throws Http2Exception {
    // Netty replaces its listener after the preface.
    if (states == null || !states.isOf(listener)) {
      states = new States(listener);
    }
    follow(input);
    frames.readFrame(ctx, input, states);
  }

  /** What Netty's reader keeps of a head or trailers that are not complete, in bytes. */
  long unfinished() {
    return unfinished;
  }

  private void follow(ByteBuf frame) {
    int start = frame.readerIndex();
    int type = frame.getByte(start + TYPE);
    if (type == Http2FrameTypes.HEADERS || type == Http2FrameTypes.CONTINUATION) {
      int flags = frame.getByte(start + FLAGS);
      unfinished = (flags & END_HEADERS) != 0 ? 0 : unfinished + frame.readableBytes();
      if (type == Http2FrameTypes.HEADERS && (flags & PRIORITY) != 0) {
        makeIndependent(frame, start, flags);
      }
    }
  }

  /**
   * Clears the dependency of a HEADERS frame that depends on its own stream, and remembers it:
   * Netty would end the connection.
   */
  private void makeIndependent(ByteBuf frame, int start, int flags) {
    int dependency = start + Http2CodecUtil.FRAME_HEADER_LENGTH + ((flags & PADDED) == 0 ? 0 : 1);
    if (dependency + Integer.BYTES <= frame.writerIndex()
        && ((frame.getInt(dependency) ^ frame.getInt(start + STREAM)) & Integer.MAX_VALUE) == 0) {
      dependsOnItself = frame.getInt(start + STREAM) & Integer.MAX_VALUE;
      frame.setInt(dependency, 0);
    }
  }

  private void countTableSize() throws Http2Exception {
    if (tableSizes.count(System.nanoTime()) > HeaderTableSizes.MOST) {
      throw Http2Exception.connectionError(
          Http2Error.ENHANCE_YOUR_CALM, "More than %d header table sizes", HeaderTableSizes.MOST);
    }
  }

  @Override
  public Configuration configuration() {
    return frames.configuration();
  }

  @Override
  public void close() {
    frames.close();
  }

  private final class States extends Http2FrameListenerDecorator {
    States(Http2FrameListener listener) {
      super(listener);
    }

    // Listeners are compared by identity.
    @SuppressWarnings("ReferenceEquality")
    boolean isOf(Http2FrameListener other) {
      return listener == other;
    }

    @Override
    public int onDataRead(ChannelHandlerContext ctx, int id, ByteBuf data, int padding, boolean end)
        throws Http2Exception {
      Http2Stream stream = connection.stream(id);
      if (stream == null ? !closed.isPast(id) : !stream.isResetSent()) {
        return super.onDataRead(ctx, id, data, padding, end);
      }
      int length = data.readableBytes() + padding;
      // Counted for the connection alone; the caller restores its window at once.
      connection.local().flowController().receiveFlowControlledFrame(null, data, padding, end);
      requireLate(stream, id, length, end);
      return length;
    }

    @Override
    public void onHeadersRead(
        ChannelHandlerContext ctx, int id, Http2Headers headers, int padding, boolean end)
        throws Http2Exception {
      if (takes(id, headers, end)) {
        super.onHeadersRead(ctx, id, headers, padding, end);
        announce(id, headers, end);
      }
    }

    @Override
    public void onHeadersRead(
        ChannelHandlerContext ctx,
        int id,
        Http2Headers headers,
        int dependency,
        short weight,
        boolean exclusive,
        int padding,
        boolean end)
        throws Http2Exception {
      boolean itself = id == dependsOnItself;
      dependsOnItself = 0;
      if (takes(id, headers, end)) {
        if (itself) {
          throw Http2Exception.streamError(
              id, Http2Error.PROTOCOL_ERROR, "Stream %d depends on itself", id);
        }
        super.onHeadersRead(ctx, id, headers, dependency, weight, exclusive, padding, end);
        announce(id, headers, end);
      }
    }

    @Override
    public void onSettingsRead(ChannelHandlerContext ctx, Http2Settings settings)
        throws Http2Exception {
      if (settings.headerTableSize() != null) {
        countTableSize();
      }
      super.onSettingsRead(ctx, settings);
    }

    /** Tells flow control the length of a body, which Netty has checked. */
    private void announce(int id, Http2Headers headers, boolean end) {
      if (!end) {
        AdaptiveFlowController.of(connection)
            .announced(id, headers.getLong(HttpHeaderNames.CONTENT_LENGTH, 0));
      }
    }

    /** Judges a head. Returns false if it must be dropped. */
    private boolean takes(int id, Http2Headers headers, boolean end) throws Http2Exception {
      Http2Stream stream = connection.stream(id);
      if (stream == null ? closed.isPast(id) : stream.isResetSent()) {
        if (stream == null && !closed.wasReset(id)) {
          throw Http2Exception.connectionError(
              closed.wasSkipped(id) ? Http2Error.PROTOCOL_ERROR : Http2Error.STREAM_CLOSED,
              "HEADERS on stream %d, which is over",
              id);
        }
        requireLate(stream, id, 0, end);
        return false;
      }
      if (stream == null) {
        if ((id & 1) == 0) {
          throw Http2Exception.connectionError(
              Http2Error.PROTOCOL_ERROR, "Stream %d cannot be a client's", id);
        }
        closed.opened(id);
      } else if (stream.state() == Http2Stream.State.HALF_CLOSED_REMOTE) {
        throw closedError(id);
      }
      if (headers instanceof Http2RequestHeaders.Malformed malformed) {
        throw fault(malformed.fault(), stream, end);
      }
      return true;
    }

    /**
     * Converts the fault of a head that is too large: the codec responds with 431, and the rest of
     * the request is refused with NO_ERROR.
     */
    private Http2Exception fault(Http2Exception fault, @Nullable Http2Stream stream, boolean end) {
      if (stream == null && !end && fault instanceof HeaderListSizeException large) {
        // The codec responds on a stream that it opens as half-closed by the client.
        closed.reset(large.streamId(), AdaptiveFlowController.FIRST_WINDOW);
        return Http2Exception.headerListSizeError(
            large.streamId(), Http2Error.NO_ERROR, true, "%s", large.getMessage());
      }
      return fault;
    }

    /** Throws if the frame cannot have been sent before the reset reached the client. */
    private void requireLate(@Nullable Http2Stream stream, int id, int length, boolean end)
        throws Http2Exception {
      // The stream is still known until the reset is written.
      if (!closed.tolerates(id, length, end) && stream == null) {
        throw closedError(id);
      }
    }

    private Http2Exception closedError(int id) {
      return Http2Exception.streamError(id, Http2Error.STREAM_CLOSED, "Stream %d has ended", id);
    }

    @Override
    public void onRstStreamRead(ChannelHandlerContext ctx, int id, long error)
        throws Http2Exception {
      if (isUnknown(id)) {
        closed.ended(id);
      } else {
        super.onRstStreamRead(ctx, id, error);
      }
    }

    @Override
    public void onWindowUpdateRead(ChannelHandlerContext ctx, int id, int increment)
        throws Http2Exception {
      if (!isUnknown(id)) {
        super.onWindowUpdateRead(ctx, id, increment);
      }
    }

    private boolean isUnknown(int id) {
      return closed.isPast(id) && connection.stream(id) == null;
    }
  }
}
