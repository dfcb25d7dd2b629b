package dev.understudy.proxy.tcp;

import dev.understudy.proxy.engine.ChannelClose;
import dev.understudy.proxy.eventloop.FailedWrites;
import dev.understudy.proxy.eventloop.PendingBytes;
import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import io.netty.channel.ChannelFutureListener;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelInboundHandlerAdapter;
import io.netty.channel.socket.SocketChannel;
import io.netty.channel.socket.SocketChannelConfig;
import io.netty.handler.ssl.SslHandshakeCompletionEvent;
import io.netty.util.ReferenceCountUtil;
import java.io.IOException;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/**
 * One of a relay's two channels; the last handler of its pipeline.
 *
 * <p>Reads are requested one by one: the next one once what the last one brought was written and
 * the peer's channel is writable, so that at most one read and one write buffer's high watermark
 * wait for a slow peer. All that one read brings is flushed together.
 */
// A failure closes the channel, which is handled.
@SuppressWarnings("FutureReturnValueIgnored")
final class TcpRelayChannel extends ChannelInboundHandlerAdapter {
  private final TcpRelay relay;
  private final SocketChannel channel;
  private final boolean server;
  private final ChannelEnds ends = new ChannelEnds();
  private @Nullable ChannelHandlerContext added;
  private boolean needsPromises;

  /** The other end once both are relayed, and the attempt by which they are; null before. */
  private @Nullable TcpRelayChannel peer;

  private @Nullable RelayAttempt attempt;

  /** Those of the client; null while there are none. */
  private @Nullable KeptBytes early;

  /** Whether the server has sent something. */
  private boolean spoke;

  private long bytes;

  TcpRelayChannel(TcpRelay relay, SocketChannel channel, boolean server) {
    this.relay = relay;
    this.channel = channel;
    this.server = server;
  }

  /** Sets what both channels of a relay need. */
  static void configure(SocketChannelConfig config) {
    config.setAutoRead(false);
    config.setAllowHalfClosure(true);
    config.setAutoClose(false);
  }

  SocketChannel channel() {
    return channel;
  }

  /** Bytes from this end that went to the other one. */
  long bytes() {
    return bytes;
  }

  boolean inputEnded() {
    return ends.inputEnded();
  }

  boolean isTlsOver() {
    return ChannelClose.isTlsOver(channel);
  }

  boolean isClosed() {
    return ends.isClosed();
  }

  /** Whether bytes came that no server has got. */
  boolean hasEarly() {
    return early != null;
  }

  /** Requests one read. */
  void read() {
    context().read();
  }

  /**
   * Takes what the client has sent by now.
   *
   * @return false if the client has reset the connection
   */
  boolean readNow() {
    try {
      ByteBuf data = EpollSocketOperations.readNow(channel);
      if (data != null) {
        keep(data);
      }
      return true;
    } catch (IOException e) {
      return false;
    }
  }

  /** Passes early bytes to the peer, and all that follow; flushes. */
  void join(TcpRelayChannel to, RelayAttempt by) {
    peer = to;
    attempt = by;
    passFirst(to, by, true);
    // A PROXY protocol header waits for it, if the client has sent nothing.
    to.context().flush();
  }

  /**
   * Passes the client's first bytes, if they are here. If the server had reset the connection, none
   * is sent, and they are kept for another.
   *
   * @param flush false if the client's end follows, which is to leave in the same packet
   * @return false if they are kept
   */
  private boolean passFirst(TcpRelayChannel to, RelayAttempt by, boolean flush) {
    KeptBytes waiting = early;
    if (waiting == null) {
      return true;
    }
    if (!to.ends.takes()) {
      return false;
    }
    int length = waiting.pass(by, to.context(), to.needsPromises, flush);
    if (length < 0) {
      return false;
    }
    early = null;
    waiting.release();
    count(length, by);
    return true;
  }

  /** Keeps the client's further bytes for another server. */
  void part() {
    peer = null;
    attempt = null;
  }

  @Override
  public void handlerAdded(ChannelHandlerContext ctx) {
    added = ctx;
    needsPromises = FailedWrites.needPromises(channel);
  }

  @Override
  public void channelActive(ChannelHandlerContext ctx) {
    if (server) {
      relay.connected(this);
    } else {
      relay.accepted();
    }
  }

  @Override
  public void channelRead(ChannelHandlerContext ctx, Object message) {
    if (message instanceof ByteBuf data) {
      TcpRelayChannel to = peer;
      RelayAttempt by = attempt;
      if (to == null || by == null) {
        keep(data);
      } else if (!server && !by.mayPass()) {
        data.release();
      } else if (!server && bytes == 0) {
        keep(data);
      } else {
        pass(data, to, by);
      }
    } else {
      ReferenceCountUtil.release(message);
    }
  }

  private void keep(ByteBuf data) {
    if (server || isClosed()) {
      // A server speaks only once the connection is relayed: nothing was read before.
      data.release();
      return;
    }
    if (early == null) {
      early = new KeptBytes();
    }
    early.add(data);
  }

  private void pass(ByteBuf data, TcpRelayChannel to, RelayAttempt by) {
    by.passes(server, data);
    count(data.readableBytes(), by);
    ChannelHandlerContext out = to.context();
    out.write(data, FailedWrites.promise(out, to.needsPromises));
  }

  private void count(int length, RelayAttempt by) {
    bytes += length;
    by.passed(server, length);
  }

  @Override
  public void channelReadComplete(ChannelHandlerContext ctx) {
    TcpRelayChannel to = peer;
    RelayAttempt by = attempt;
    boolean atEnd = to != null && EpollSocketOperations.isAtEnd(channel);
    if (to == null || by == null || !passFirst(to, by, !atEnd)) {
      if (early != null && early.isOnePiece()) {
        // Most clients then wait for a response: the socket stays in epoll as it is.
        context().read();
      }
      return;
    }
    if (server) {
      by.serverSpoke();
    }
    if (!atEnd) {
      flush(to);
      readMore();
    } else if (ends.closesWithInput()) {
      EpollSocketOperations.close(channel);
    }
  }

  /**
   * Flushes what a read brought; the server's first bytes once all events at hand are handled: the
   * end of a short response is among them, and leaves in the same packet.
   */
  private void flush(TcpRelayChannel to) {
    if (spoke || !server) {
      to.context().flush();
    } else {
      spoke = true;
      channel.eventLoop().execute(to.context()::flush);
    }
  }

  @Override
  public void channelWritabilityChanged(ChannelHandlerContext ctx) {
    if (peer != null && channel.isWritable()) {
      peer.readMore();
    }
  }

  /** Requests one read if the other end takes what it brings. */
  void readMore() {
    if (peer != null && ends.reads() && peer.channel.isWritable()) {
      context().read();
    }
  }

  @Override
  public void userEventTriggered(ChannelHandlerContext ctx, Object event) {
    if (ChannelClose.isEndOfInput(event)) {
      ChannelClose.keep(channel);
      if (ends.endInput()) {
        if (peer != null && attempt != null) {
          passFirst(peer, attempt, false);
        }
        if (!ends.outputFailed()) {
          relay.inputEnded(this);
        }
        closeIfOver();
      }
    } else if (event instanceof SslHandshakeCompletionEvent handshake) {
      relay.secured(this, handshake.cause());
    }
  }

  /** Passes the other end's end of stream on: TCP FIN, or TLS close_notify. */
  void shutOutput() {
    if (!ends.beginOutputEnd()) {
      return;
    }
    if (hasPending()) {
      EpollSocketOperations.holdForEnd(channel);
      context().flush();
      if (ends.outputFailed()) {
        return;
      }
    }
    if (!hasPending() && EpollSocketOperations.shutOutput(channel)) {
      endOutput(true);
    } else {
      context()
          .writeAndFlush(Unpooled.EMPTY_BUFFER)
          .addListener(
              written -> {
                ChannelClose.shutOutput(channel);
                endOutput(false);
              });
    }
  }

  private boolean hasPending() {
    return PendingBytes.of(channel) > 0;
  }

  private void endOutput(boolean closesWithInput) {
    ends.endOutput(closesWithInput);
    closeIfOver();
  }

  /** Closes the channel once everything is written; nothing more is awaited of it. */
  void finish() {
    if (!ends.endBoth()) {
      closeIfOver();
      return;
    }
    if (hasPending()) {
      context().writeAndFlush(Unpooled.EMPTY_BUFFER).addListener(ChannelFutureListener.CLOSE);
    } else {
      EpollSocketOperations.close(channel);
    }
  }

  /** Says a last word of this proxy, expects none, and closes the channel once it is written. */
  void finish(ByteBuf last) {
    context().writeAndFlush(last);
    finish();
  }

  private void closeIfOver() {
    if (ends.areOver()) {
      EpollSocketOperations.close(channel);
    }
  }

  /** Resets the channel once everything is written. */
  void resetAfterWrites() {
    if (channel.isOpen()) {
      context().writeAndFlush(Unpooled.EMPTY_BUFFER).addListener(written -> reset());
    }
  }

  /** Resets the channel at once, with all that is not sent yet. */
  void reset() {
    ends.breaks();
    if (channel.isOpen()) {
      ChannelClose.reset(channel);
    }
  }

  /** Closes the channel, but the server's not after a {@linkplain FailedWrites failed write}. */
  @Override
  @SuppressWarnings("deprecation") // deprecated in ChannelHandler only
  public void exceptionCaught(ChannelHandlerContext ctx, Throwable cause) {
    if (!server || !FailedWrites.isOne(channel, ends.outputEnded())) {
      ends.breaks();
      relay.failed(this, cause);
      channel.close();
    } else if (ends.failOutput()) {
      relay.serverTakesNoMore(this);
      closeIfOver();
      readMore();
    }
  }

  @Override
  public void channelInactive(ChannelHandlerContext ctx) {
    boolean atInputEnd = ends.closesWithInput();
    boolean inOrder = ends.close();
    if (early != null) {
      early.release();
      early = null;
    }
    if (atInputEnd) {
      relay.inputEnded(this);
    }
    relay.closed(this, inOrder);
  }

  private ChannelHandlerContext context() {
    return Objects.requireNonNull(added, "not in a pipeline");
  }
}
