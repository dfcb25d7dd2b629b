package dev.understudy.proxy.tcp;

import dev.understudy.proxy.engine.ChannelClose;
import dev.understudy.proxy.eventloop.FailedWrites;
import dev.understudy.proxy.eventloop.PendingBytes;
import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import io.netty.channel.ChannelFutureListener;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelInboundHandlerAdapter;
import io.netty.channel.ChannelPromise;
import io.netty.channel.socket.SocketChannel;
import io.netty.handler.ssl.SslHandshakeCompletionEvent;
import io.netty.util.ReferenceCountUtil;
import java.io.IOException;
import java.util.ArrayDeque;
import java.util.Objects;
import java.util.Queue;
import org.jspecify.annotations.Nullable;

/**
 * One of a relay's two channels; the last handler of its pipeline.
 *
 * <p>Reads are requested one by one: the next one once what the last one brought was written and
 * the peer's channel is writable, so that at most one read and one write buffer's high watermark
 * wait for a slow peer. All that one read brings is flushed together.
 */
// A failure closes the channel, which is handled; buffers are compared by identity.
@SuppressWarnings({"FutureReturnValueIgnored", "ReferenceEquality"})
final class TcpRelayChannel extends ChannelInboundHandlerAdapter {
  private final TcpRelay relay;
  private final SocketChannel channel;
  private final boolean server;
  private @Nullable ChannelHandlerContext added;
  private boolean needsPromises;

  /** The other end once both are relayed; null before. */
  private @Nullable TcpRelayChannel peer;

  /**
   * Bytes of the client that no server has got: those that came before one was connected, at most
   * those that had come when it was accepted, of the three reads that the beginning requests, of
   * one more after the first, and of one that epoll makes unasked at the client's end; later, those
   * of the first read.
   */
  private @Nullable Queue<ByteBuf> early;

  /** Whether the server has sent something. */
  private boolean spoke;

  private boolean inputEnded;
  private boolean outputEnding;
  private boolean outputEnded;
  private boolean failed;

  /** Whether the server takes no more bytes, although some were sent to it. */
  private boolean writeFailed;

  /** Whether Netty closes the channel at the end of its input, which completes both directions. */
  private boolean closesAtInputEnd;

  private boolean resetting;
  private boolean closed;
  private long bytes;

  TcpRelayChannel(TcpRelay relay, SocketChannel channel, boolean server) {
    this.relay = relay;
    this.channel = channel;
    this.server = server;
  }

  SocketChannel channel() {
    return channel;
  }

  /** Bytes from this end that went to the other one. */
  long bytes() {
    return bytes;
  }

  boolean inputEnded() {
    return inputEnded;
  }

  boolean isTlsOver() {
    return ChannelClose.isTlsOver(channel);
  }

  boolean closed() {
    return closed;
  }

  /** Whether the channel ended other than by an end of both directions. */
  boolean broke() {
    return failed || writeFailed || !inputEnded || !outputEnded;
  }

  /** Whether bytes came that no server has got. */
  boolean hasEarly() {
    return early != null && !early.isEmpty();
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
  void join(TcpRelayChannel to) {
    peer = to;
    passFirst(to, true);
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
  private boolean passFirst(TcpRelayChannel to, boolean flush) {
    Queue<ByteBuf> waiting = early;
    if (waiting == null) {
      return true;
    }
    if (to.failed || to.writeFailed) {
      return false;
    }
    ChannelHandlerContext out = to.context();
    ChannelPromise sent = FailedWrites.promise(out, true);
    ByteBuf first = waiting.element();
    int begin = first.readerIndex();
    int length = 0;
    for (ByteBuf data : waiting) {
      length += data.readableBytes();
      relay.passes(false, data);
      out.write(data.retain(), data == first ? sent : FailedWrites.promise(out, to.needsPromises));
    }
    if (flush) {
      out.flush();
    }
    if (sent.cause() != null && isWhole(first, begin) && !to.needsPromises) {
      return false;
    }
    early = null;
    waiting.forEach(ByteBuf::release);
    count(length);
    return true;
  }

  /**
   * Whether nothing of a buffer was written; the transport would write a copy of one on the heap.
   */
  private static boolean isWhole(ByteBuf data, int begin) {
    return data.isDirect() && data.readerIndex() == begin;
  }

  /** Keeps the client's further bytes for another server. */
  void part() {
    peer = null;
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
      if (to != null && !server && !relay.mayPass()) {
        data.release();
      } else if (to == null || (bytes == 0 && !server)) {
        keep(data);
      } else {
        pass(data, to);
      }
    } else {
      ReferenceCountUtil.release(message);
    }
  }

  private void keep(ByteBuf data) {
    if (server || closed) {
      // A server speaks only once the connection is relayed: nothing was read before.
      data.release();
      return;
    }
    Queue<ByteBuf> waiting = early;
    if (waiting == null) {
      waiting = new ArrayDeque<>(4);
      early = waiting;
    }
    waiting.add(data);
  }

  private void pass(ByteBuf data, TcpRelayChannel to) {
    relay.passes(server, data);
    count(data.readableBytes());
    ChannelHandlerContext out = to.context();
    out.write(data, FailedWrites.promise(out, to.needsPromises));
  }

  private void count(int length) {
    bytes += length;
    relay.passed(server, length);
  }

  @Override
  public void channelReadComplete(ChannelHandlerContext ctx) {
    TcpRelayChannel to = peer;
    boolean atEnd = to != null && EpollSocketOperations.isAtEnd(channel);
    if (to == null || !passFirst(to, !atEnd)) {
      if (early != null && early.size() == 1) {
        // Most clients then wait for a response: the socket stays in epoll as it is.
        context().read();
      }
      return;
    }
    if (server) {
      relay.serverSpoke();
    }
    if (!atEnd) {
      flush(to);
      readMore();
    } else if (closesAtInputEnd) {
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
    if (peer != null && !inputEnded && !closed && peer.channel.isWritable()) {
      context().read();
    }
  }

  @Override
  public void userEventTriggered(ChannelHandlerContext ctx, Object event) {
    if (ChannelClose.isEndOfInput(event)) {
      ChannelClose.keep(channel);
      if (!inputEnded && !failed && !closed) {
        inputEnded = true;
        if (peer != null) {
          passFirst(peer, false);
        }
        if (!writeFailed) {
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
    if (outputEnding || closed) {
      return;
    }
    outputEnding = true;
    if (hasPending()) {
      EpollSocketOperations.holdForEnd(channel);
      context().flush();
      if (writeFailed) {
        return;
      }
    }
    if (!hasPending() && EpollSocketOperations.shutOutput(channel)) {
      closesAtInputEnd = !inputEnded;
      outputEnded();
    } else {
      context()
          .writeAndFlush(Unpooled.EMPTY_BUFFER)
          .addListener(
              written -> {
                ChannelClose.shutOutput(channel);
                outputEnded();
              });
    }
  }

  private boolean hasPending() {
    return PendingBytes.of(channel) > 0;
  }

  private void outputEnded() {
    outputEnded = true;
    closeIfOver();
  }

  /** Closes the channel once everything is written; nothing more is awaited of it. */
  void finish() {
    inputEnded = true;
    if (closed || outputEnding) {
      closeIfOver();
      return;
    }
    outputEnding = true;
    outputEnded = true;
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
    if (inputEnded && outputEnded) {
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
    resetting = true;
    if (channel.isOpen()) {
      ChannelClose.reset(channel);
    }
  }

  /** Closes the channel, but the server's not after a {@linkplain FailedWrites failed write}. */
  @Override
  @SuppressWarnings("deprecation") // deprecated in ChannelHandler only
  public void exceptionCaught(ChannelHandlerContext ctx, Throwable cause) {
    if (!server || !FailedWrites.isOne(channel, outputEnded && !writeFailed)) {
      failed = true;
      relay.failed(this, cause);
      channel.close();
    } else if (!writeFailed) {
      writeFailed = true;
      outputEnding = true;
      outputEnded = true;
      relay.serverTakesNoMore(this);
      closeIfOver();
      readMore();
    }
  }

  @Override
  public void channelInactive(ChannelHandlerContext ctx) {
    closed = true;
    Queue<ByteBuf> waiting = early;
    early = null;
    if (waiting != null) {
      waiting.forEach(ByteBuf::release);
    }
    if (closesAtInputEnd && !failed && !resetting) {
      inputEnded = true;
      relay.inputEnded(this);
    }
    relay.gone(this);
  }

  private ChannelHandlerContext context() {
    return Objects.requireNonNull(added, "not in a pipeline");
  }
}
