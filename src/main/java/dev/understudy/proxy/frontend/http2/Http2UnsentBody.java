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
 */
// A failed write closes the connection.
@SuppressWarnings("FutureReturnValueIgnored")
final class Http2UnsentBody implements Http2RemoteFlowController.FlowControlled {
  /** A piece of this size in bytes or less is copied behind its frame's header. */
  private static final int SMALL = 2048;

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

  private int size;

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
    } else {
      if (more == null) {
        more = new ArrayDeque<>();
      }
      more.add(data);
    }
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
        piece.release();
        first = more == null ? null : more.poll();
      }
    }
    if (small) {
      ctx.write(frame, ctx.voidPromise());
    }
    owner.less(length);
  }

  @Override
  public void writeComplete() {
    queued = false;
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
    int lost = size;
    size = 0;
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
