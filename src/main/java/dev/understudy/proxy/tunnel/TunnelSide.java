package dev.understudy.proxy.tunnel;

import dev.understudy.proxy.engine.ChannelClose;
import dev.understudy.proxy.eventloop.FailedWrites;
import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import io.netty.channel.Channel;
import io.netty.channel.ChannelFutureListener;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelInboundHandlerAdapter;
import io.netty.util.ReferenceCountUtil;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/**
 * One of a tunnel's two channels: passes what it reads to the other side, and ends its own channel.
 *
 * <p>Its phase determines what is written to it:
 *
 * <ul>
 *   <li>OPEN: everything that the other side sends.
 *   <li>CLOSE_PENDING: the same up to the next point between two messages, then a close frame, and
 *       CLOSE_WRITTEN follows. If no such point comes in time, a point between two frames suffices;
 *       else the channel is reset.
 *   <li>CLOSE_WRITTEN: nothing more. It has received a close frame, and its response is awaited.
 *   <li>CLOSING: nothing more. It is closed as soon as everything is written, or reset in time.
 *   <li>CLOSED: final.
 * </ul>
 *
 * Phases only advance. Each one between OPEN and CLOSED lasts for {@link Tunnels#PHASE_TIMEOUT} at
 * most. A side of another protocol than WebSocket goes from OPEN to CLOSING, for {@link
 * Tunnel#LINGER_NANOS} at most, as the rest of its bytes may be what its client asked for.
 */
@SuppressWarnings("FutureReturnValueIgnored") // a failure closes the channel, which is handled
final class TunnelSide extends ChannelInboundHandlerAdapter {
  private enum Phase {
    OPEN,
    CLOSE_PENDING,
    CLOSE_WRITTEN,
    CLOSING,
    CLOSED
  }

  private final Tunnel tunnel;
  private final Channel channel;
  private final boolean isServer;
  private final FrameFollower frames = new FrameFollower();
  private @Nullable TunnelSide joined;
  private @Nullable ChannelHandlerContext added;
  private boolean needsPromises;
  private Phase phase = Phase.OPEN;
  private boolean inputEnded;
  private boolean outputEnding;
  private boolean outputEnded;

  /** Whether the server takes no more bytes, although some were sent to it. */
  private boolean writeFailed;

  private int closeCode;
  private long deadlineNanos;
  private long relayedBytes;

  TunnelSide(Tunnel tunnel, Channel channel, boolean isServer) {
    this.tunnel = tunnel;
    this.channel = channel;
    this.isServer = isServer;
  }

  void join(TunnelSide other) {
    joined = other;
  }

  /** Starts to relay; the other side must have been added to its pipeline too. */
  void start() {
    ChannelClose.allow(channel);
    if (channel.isActive()) {
      readMore();
    } else {
      phase = Phase.CLOSED;
      tunnel.gone(this);
    }
  }

  /** Bytes from this side that went to the other side. */
  long relayedBytes() {
    return relayedBytes;
  }

  /** Whether this side has sent a whole close frame. */
  boolean sentClose() {
    return frames.closePassed();
  }

  boolean inputEnded() {
    return inputEnded;
  }

  /**
   * Whether the channel ended without an end of its input, or missed bytes that could not be
   * written to it.
   */
  boolean broke() {
    return writeFailed || !inputEnded;
  }

  boolean isTlsOver() {
    return ChannelClose.isTlsOver(channel);
  }

  boolean closed() {
    return phase == Phase.CLOSED;
  }

  /** Whether a deadline is set. */
  boolean ending() {
    return phase != Phase.OPEN && phase != Phase.CLOSED;
  }

  /** Ends this side with a close frame at the next point between two messages. */
  void close(int code) {
    if (phase != Phase.OPEN) {
      return;
    }
    closeCode = code;
    enter(Phase.CLOSE_PENDING);
    if (other().frames.betweenMessages()) {
      writeClose();
    }
  }

  /**
   * Ends CLOSE_PENDING, as nothing more will come for this side: with a close frame if possible,
   * else with a reset.
   */
  void streamBroke() {
    if (phase == Phase.CLOSE_PENDING) {
      if (other().frames.betweenFrames()) {
        writeClose();
      } else {
        tunnel.closeFailed();
        reset();
      }
    }
  }

  /**
   * Awaits this side's response to the other side's own close frame, after which it gets nothing
   * more; no other frame is sent.
   */
  void awaitResponse() {
    if (phase == Phase.OPEN) {
      closeWritten();
    }
  }

  /** Passes the other side's end of stream on (TCP half-close, or TLS close_notify). */
  void shutOutput() {
    if (phase != Phase.OPEN || outputEnding) {
      return;
    }
    outputEnding = true;
    context()
        .writeAndFlush(Unpooled.EMPTY_BUFFER)
        .addListener(
            done -> {
              ChannelClose.shutOutput(channel);
              outputEnded = true;
            });
  }

  /** Closes the channel as soon as everything is written. */
  void finish() {
    if (phase == Phase.CLOSING || phase == Phase.CLOSED) {
      return;
    }
    enter(Phase.CLOSING);
    context().writeAndFlush(Unpooled.EMPTY_BUFFER).addListener(ChannelFutureListener.CLOSE);
  }

  /** Resets the channel as soon as everything is written. */
  void breakOff() {
    if (phase == Phase.OPEN) {
      enter(Phase.CLOSING);
      context()
          .writeAndFlush(Unpooled.EMPTY_BUFFER)
          .addListener(written -> ChannelClose.reset(channel));
    }
  }

  /** Resets the channel at once, so that what it received cannot look complete. */
  void reset() {
    if (phase == Phase.CLOSED) {
      return;
    }
    enter(Phase.CLOSING);
    ChannelClose.reset(channel);
  }

  void checkDeadline(long nowNanos) {
    if (!ending() || nowNanos - deadlineNanos < 0) {
      return;
    }
    switch (phase) {
      case CLOSE_PENDING -> streamBroke();
      case CLOSE_WRITTEN -> finish();
      default -> reset();
    }
  }

  /** Postpones the deadline by a pause of our own process, which does not count. */
  void forgive(long nanos) {
    deadlineNanos += nanos;
  }

  @Override
  public void handlerAdded(ChannelHandlerContext ctx) {
    added = ctx;
    needsPromises = FailedWrites.needPromises(channel);
  }

  @Override
  public void channelRead(ChannelHandlerContext ctx, Object message) {
    if (!(message instanceof ByteBuf data)) {
      ReferenceCountUtil.release(message);
      return;
    }
    tunnel.touched();
    if (!isServer) {
      tunnel.clientSpeaks();
    }
    switch (other().phase) {
      case OPEN -> {
        follow(data);
        passOn(data);
      }
      case CLOSE_PENDING -> passOnToMessageEnd(data);
      default -> {
        follow(data);
        data.release();
      }
    }
    if (phase == Phase.CLOSE_WRITTEN && frames.closePassed()) {
      finish();
    }
  }

  private void follow(ByteBuf data) {
    if (tunnel.webSocket) {
      frames.follow(data);
    }
  }

  private void passOnToMessageEnd(ByteBuf data) {
    int length = frames.followToMessageEnd(data);
    if (!frames.betweenMessages()) {
      passOn(data);
      return;
    }
    try {
      if (length > 0) {
        passOn(data.readRetainedSlice(length));
      }
      other().writeClose();
      frames.follow(data);
    } finally {
      data.release();
    }
  }

  private void passOn(ByteBuf data) {
    relayedBytes += data.readableBytes();
    ChannelHandlerContext to = other().context();
    to.write(data, FailedWrites.promise(to, other().needsPromises));
  }

  @Override
  public void channelReadComplete(ChannelHandlerContext ctx) {
    if (isServer) {
      tunnel.serverSpoke();
    }
    other().context().flush();
    readMore();
  }

  @Override
  public void channelWritabilityChanged(ChannelHandlerContext ctx) {
    if (channel.isWritable()) {
      other().readMore();
    }
    ctx.fireChannelWritabilityChanged();
  }

  @Override
  public void userEventTriggered(ChannelHandlerContext ctx, Object event) {
    if (ChannelClose.isEndOfInput(event)) {
      ChannelClose.keep(channel);
      endOfInput();
    }
    ctx.fireUserEventTriggered(event);
  }

  private void endOfInput() {
    if (inputEnded || phase == Phase.CLOSED) {
      return;
    }
    if (writeFailed) {
      channel.close();
      return;
    }
    inputEnded = true;
    if (phase == Phase.CLOSE_WRITTEN) {
      finish();
    }
    tunnel.inputEnded(this);
  }

  @Override
  public void channelInactive(ChannelHandlerContext ctx) {
    if (phase != Phase.CLOSED) {
      phase = Phase.CLOSED;
      tunnel.gone(this);
    }
    ctx.fireChannelInactive();
  }

  /** Closes the channel, but the server's not after a {@linkplain FailedWrites failed write}. */
  @Override
  @SuppressWarnings("deprecation") // deprecated in ChannelHandler only
  public void exceptionCaught(ChannelHandlerContext ctx, Throwable cause) {
    if (!isServer || !FailedWrites.isOne(channel, outputEnded && !writeFailed)) {
      channel.close();
    } else if (!writeFailed) {
      writeFailed = true;
      outputEnding = true;
      if (inputEnded) {
        channel.close();
      } else {
        readMore();
      }
    }
  }

  private void readMore() {
    TunnelSide to = other();
    boolean dropped = to.phase.compareTo(Phase.CLOSE_WRITTEN) >= 0;
    if (!inputEnded && phase != Phase.CLOSED && (dropped || to.channel.isWritable())) {
      context().read();
    }
  }

  private void writeClose() {
    if (outputEnding) {
      finish();
      return;
    }
    if (!other().frames.closePassed()) {
      ChannelHandlerContext to = context();
      ByteBuf frame =
          isServer
              ? CloseFrame.toServer(to.alloc(), closeCode)
              : CloseFrame.toClient(to.alloc(), closeCode);
      to.writeAndFlush(frame, to.voidPromise());
    }
    closeWritten();
  }

  private void closeWritten() {
    if (phase == Phase.CLOSED) {
      return;
    }
    enter(Phase.CLOSE_WRITTEN);
    if (frames.closePassed() || inputEnded) {
      finish();
    } else {
      readMore();
      other().readMore();
    }
  }

  private void enter(Phase next) {
    phase = next;
    deadlineNanos =
        System.nanoTime()
            + (tunnel.webSocket ? tunnel.loop.phaseTimeoutNanos : Tunnel.LINGER_NANOS);
    tunnel.loop.sweepSooner();
  }

  private TunnelSide other() {
    return Objects.requireNonNull(joined, "not joined");
  }

  private ChannelHandlerContext context() {
    return Objects.requireNonNull(added, "not in a pipeline");
  }
}
