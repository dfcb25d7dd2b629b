package dev.understudy.proxy.frontend.http2;

import io.netty.buffer.ByteBuf;
import io.netty.channel.ChannelHandlerContext;
import io.netty.handler.codec.http2.Http2CodecUtil;
import io.netty.handler.codec.http2.Http2Flags;
import io.netty.handler.codec.http2.Http2FrameTypes;
import io.netty.handler.codec.http2.Http2RemoteFlowController;
import io.netty.handler.codec.http2.Http2Stream;
import java.util.ArrayDeque;
import org.jspecify.annotations.Nullable;

/**
 * What is still to be sent of the body of one stream's response, as its client's flow control
 * allows (RFC 9113 §5.2). Netty asks for it; here it is kept, counted and written as DATA frames.
 *
 * <p>Small pieces that wait behind others are joined: each would cost a hundred times its bytes.
 */
// A failed write closes the connection.
@SuppressWarnings("FutureReturnValueIgnored")
final class Http2UnsentBody implements Http2RemoteFlowController.FlowControlled {
  /** A piece of this size in bytes or less is copied behind its frame's header. */
  private static final int SMALL = 2048;

  /** A piece that is joined with those before it is smaller than this, in bytes. */
  private static final int JOINED = 1024;

  /** The first buffer of joined pieces in bytes; the next ones are larger. */
  private static final int FIRST_BUFFER = 256;

  /** Learns what was sent. */
  interface Owner {
    /** The largest frame in bytes that the client takes. */
    int maxFrame();

    /**
     * Handles the end of what was to be sent.
     *
     * @param last whether the last frame has ended the stream
     */
    void sent(boolean last);

    /** Handles a failure by which bytes are lost that were to be sent. */
    void failed();

    /** Handles bytes that were sent or, as the stream has ended, never will be. */
    void less(int bytes);
  }

  private final Http2Stream stream;
  private final Owner owner;

  /** The oldest piece; most bodies are one. */
  private @Nullable ByteBuf first;

  /** The pieces behind it. */
  private @Nullable ArrayDeque<ByteBuf> more;

  /** The newest piece, if it consists of small ones; they never move. */
  private @Nullable ByteBuf joined;

  private int size;

  /** What the trailers behind the body take, in bytes. */
  private int trailerBytes;

  /** The piece that flow control is about to accept. */
  private @Nullable ByteBuf incoming;

  /** Whether flow control has this object in its queue. */
  private boolean queued;

  /** Whether the end of the stream follows. */
  private boolean last;

  Http2UnsentBody(Http2Stream stream, Owner owner) {
    this.stream = stream;
    this.owner = owner;
  }

  /** Adds a piece, and takes over its reference. */
  void add(ByteBuf data, Http2RemoteFlowController flow) {
    if (queued) {
      incoming = data;
    } else {
      queued = true;
      append(data);
    }
    flow.addFlowControlled(stream, this);
  }

  /** Keeps count of trailers that wait for the last piece, which the owner has counted. */
  void trailersWait(int costBytes) {
    trailerBytes = costBytes;
  }

  /** Ends the stream with the last piece. Returns false if nothing is left to be sent. */
  boolean endWithLast() {
    last = queued;
    return queued;
  }

  /** Whether something waits. */
  boolean isWaiting() {
    return queued;
  }

  /** Bytes that wait. */
  @Override
  public int size() {
    return size;
  }

  private void append(ByteBuf data) {
    size += data.readableBytes();
    if (first == null) {
      first = data;
    } else if (data.readableBytes() >= JOINED) {
      joined = null;
      behind(data);
    } else {
      join(data);
    }
  }

  private void behind(ByteBuf data) {
    if (more == null) {
      more = new ArrayDeque<>();
    }
    more.add(data);
  }

  private void join(ByteBuf data) {
    int length = data.readableBytes();
    ByteBuf last = joined;
    if (last == null || last.writableBytes() < length) {
      int capacity = last == null && length <= FIRST_BUFFER ? FIRST_BUFFER : SMALL;
      try {
        last = data.alloc().buffer(capacity, capacity);
      } catch (OutOfMemoryError e) {
        joined = null;
        behind(data);
        return;
      }
      joined = last;
      behind(last);
    }
    last.writeBytes(data);
    data.release();
  }

  @Override
  public boolean merge(ChannelHandlerContext ctx, Http2RemoteFlowController.FlowControlled next) {
    ByteBuf data = incoming;
    incoming = null;
    if (data != null) {
      append(data);
    }
    return true;
  }

  @Override
  public void write(ChannelHandlerContext ctx, int allowed) {
    int left = Math.min(allowed, size);
    do {
      int length = Math.min(left, owner.maxFrame());
      frame(ctx, length);
      left -= length;
    } while (left > 0);
  }

  private void frame(ChannelHandlerContext ctx, int length) {
    boolean small = length <= SMALL;
    ByteBuf frame = ctx.alloc().buffer(Http2CodecUtil.FRAME_HEADER_LENGTH + (small ? length : 0));
    frame.writeMedium(length);
    frame.writeByte(Http2FrameTypes.DATA);
    frame.writeByte(last && length == size ? Http2Flags.END_STREAM : 0);
    frame.writeInt(stream.id());
    if (!small) {
      ctx.write(frame, ctx.voidPromise());
    }
    size -= length;
    for (int missing = length; missing > 0; ) {
      ByteBuf piece = first;
      if (piece == null) {
        throw new IllegalStateException("less is kept than is counted");
      }
      int bytes = Math.min(missing, piece.readableBytes());
      if (small) {
        frame.writeBytes(piece, bytes);
      } else {
        ctx.write(piece.readRetainedSlice(bytes), ctx.voidPromise());
      }
      missing -= bytes;
      if (!piece.isReadable()) {
        // Identity: it may be written to no more.
        joined = isJoined(piece) ? null : joined;
        piece.release();
        first = more == null ? null : more.poll();
      }
    }
    if (small) {
      ctx.write(frame, ctx.voidPromise());
    }
    owner.less(length);
  }

  @SuppressWarnings("ReferenceEquality") // buffers with the same bytes are equal
  private boolean isJoined(ByteBuf piece) {
    return piece == joined;
  }

  @Override
  public void writeComplete() {
    queued = false;
    int trailers = trailerBytes;
    trailerBytes = 0;
    if (trailers > 0) {
      owner.less(trailers);
    }
    owner.sent(last);
  }

  @Override
  public void error(ChannelHandlerContext ctx, Throwable cause) {
    queued = false;
    release();
    if (stream.state() != Http2Stream.State.CLOSED) {
      owner.failed();
    }
  }

  private void release() {
    int lost = size + trailerBytes;
    size = 0;
    trailerBytes = 0;
    joined = null;
    if (incoming != null) {
      lost += incoming.readableBytes();
      incoming.release();
      incoming = null;
    }
    for (ByteBuf piece = first; piece != null; piece = more == null ? null : more.poll()) {
      piece.release();
    }
    first = null;
    if (lost > 0) {
      owner.less(lost);
    }
  }
}
