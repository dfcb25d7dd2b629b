package dev.understudy.proxy.frontend.http2;

import dev.understudy.proxy.engine.StreamChannel;
import dev.understudy.proxy.eventloop.PendingBytes;
import dev.understudy.proxy.eventloop.PerEventLoop;
import io.netty.buffer.ByteBuf;
import io.netty.channel.AbstractChannel;
import io.netty.channel.ChannelConfig;
import io.netty.channel.ChannelMetadata;
import io.netty.channel.ChannelOutboundBuffer;
import io.netty.channel.ChannelPromise;
import io.netty.channel.DefaultChannelConfig;
import io.netty.channel.EventLoop;
import io.netty.channel.socket.ChannelInputShutdownEvent;
import io.netty.handler.codec.http2.Http2Error;
import java.net.SocketAddress;
import java.nio.channels.ClosedChannelException;
import org.jspecify.annotations.Nullable;

/**
 * An HTTP/2 stream as a tunnel's channel (RFC 8441 §5): its DATA frames carry the bytes, and
 * END_STREAM is the end of a direction, as a FIN is of TCP.
 *
 * <p>What comes waits in {@link Http2UnreadBody}. A read takes it in a task, so that what came in
 * one turn of the event loop is passed on together, and no handler is called within another. What
 * is written waits in Netty's buffer for channels, and goes piece by piece to {@link
 * Http2UnsentBody}.
 */
// A failed close leaves the channel closed.
@SuppressWarnings("FutureReturnValueIgnored")
final class Http2TunnelChannel extends AbstractChannel
    implements StreamChannel, Http2UnsentBody.Owner {
  private static final ChannelMetadata METADATA = new ChannelMetadata(false);

  /** A read passes on no further piece behind so many bytes. */
  private static final int MOST_AT_ONCE = 64 * 1024;

  private final Http2ClientStream stream;
  private final Http2FrameOutput output;
  private final Http2UnreadBody unread;
  private final Http2UnsentBody unsent;
  private final PendingBytes pending;
  private final ChannelConfig config = new DefaultChannelConfig(this);

  /** Null until something is. */
  private @Nullable ChannelOutboundBuffer written;

  private boolean open = true;
  private boolean passing;
  private boolean outputEnded;
  private boolean cut;

  private Http2TunnelChannel(Http2ClientStream stream, Http2FrameOutput output) {
    super(output.channel());
    this.stream = stream;
    this.output = output;
    this.unread = stream.unread();
    this.unsent = new Http2UnsentBody(stream.netty(), this);
    this.pending = new PendingBytes(output.memory()::kept);
    config.setAllocator(output.channel().alloc());
    config.setAutoRead(false);
  }

  /** Opens the channel of a stream, on its connection's event loop, without handlers. */
  static Http2TunnelChannel of(Http2ClientStream stream, Http2FrameOutput output) {
    Http2TunnelChannel channel = new Http2TunnelChannel(stream, output);
    stream.loop().register(channel);
    return channel;
  }

  // What the client sends.

  /** Passes on what waits, if it was asked for. */
  void passOnSoon() {
    if (!passing && isDue()) {
      passing = PerEventLoop.run(eventLoop(), this::passOn);
    }
  }

  private boolean isDue() {
    return unread.isWanted() && (unread.hasPieces() || unread.hasEnd());
  }

  private void passOn() {
    passing = false;
    if (!isDue()) {
      return;
    }
    unread.arrived();
    int bytes = 0;
    for (ByteBuf data = unread.next(); data != null; ) {
      bytes += data.readableBytes();
      pipeline().fireChannelRead(data);
      data = bytes < MOST_AT_ONCE ? unread.next() : null;
    }
    stream.consumed(bytes);
    boolean ended = !unread.hasPieces() && unread.takeEnd() != null;
    pipeline().fireChannelReadComplete();
    if (ended) {
      pipeline().fireUserEventTriggered(ChannelInputShutdownEvent.INSTANCE);
      streamClosed();
    }
  }

  /** Closes the channel of a stream that is over, once its regular end has been read. */
  void streamClosed() {
    if (stream.state() == Http2StreamState.CLOSED && !(outputEnded && unread.hasEnd())) {
      close();
    }
  }

  @Override
  protected void doBeginRead() {
    unread.want();
    passOnSoon();
  }

  // What is written.

  @Override
  protected Object filterOutboundMessage(Object msg) {
    if (msg instanceof ByteBuf data) {
      return output.waiting(stream.netty(), data, (int) PendingBytes.of(this));
    }
    throw new UnsupportedOperationException("a tunnel carries bytes, not " + msg.getClass());
  }

  @Override
  protected void doWrite(ChannelOutboundBuffer flushed) throws ClosedChannelException {
    if (outputEnded) {
      throw new ClosedChannelException();
    }
    written = flushed;
    sendNext();
  }

  /** Sends the oldest piece that was written, behind those that have left. */
  private void sendNext() {
    ChannelOutboundBuffer pieces = written;
    while (pieces != null && !unsent.isWaiting() && pieces.current() instanceof ByteBuf data) {
      if (data.isReadable()) {
        unsent.add(data.retain(), output.flow());
        output.flushSoon();
      } else {
        pieces.remove();
      }
    }
    pending.count(PendingBytes.of(this));
  }

  @Override
  public void sent(boolean last) {
    // Flow control, which calls, takes nothing meanwhile, and listeners may end the stream.
    PerEventLoop.run(eventLoop(), this::sendNext);
  }

  @Override
  public void less(int bytes) {
    // Counted by whole pieces.
  }

  @Override
  public void failed() {
    reset();
  }

  @Override
  public int maxFrame() {
    return output.maxFrame();
  }

  // Ends.

  @Override
  public void shutOutput() {
    if (open && !outputEnded) {
      endOutput();
    }
  }

  private void endOutput() {
    outputEnded = true;
    output.end(stream.netty());
    output.ended(stream.netty(), null);
    output.flushSoon();
  }

  @Override
  public void reset() {
    cut = true;
    close();
  }

  /** Ends our direction, unless something is lost, and resets what is still open of the stream. */
  @Override
  protected void doClose() {
    open = false;
    pending.count(0);
    var unused = unread.release();
    if (stream.state() == Http2StreamState.CLOSED) {
      return;
    }
    boolean whole = !cut && !outputEnded && (written == null || written.isEmpty());
    stream.over();
    if (whole) {
      endOutput();
    }
    if (!outputEnded || stream.netty().state().remoteSideOpen()) {
      // As after a whole response, the rest of the request is of no interest (RFC 9113 §8.1).
      stream.response().resetSoon(whole ? Http2Error.NO_ERROR : Http2Error.CANCEL);
    }
  }

  @Override
  protected void doDisconnect() {
    doClose();
  }

  // What Netty asks of a channel.

  @Override
  public boolean isOpen() {
    return open;
  }

  @Override
  public boolean isActive() {
    return open;
  }

  @Override
  public ChannelConfig config() {
    return config;
  }

  @Override
  public ChannelMetadata metadata() {
    return METADATA;
  }

  @Override
  protected SocketAddress localAddress0() {
    return parent().localAddress();
  }

  @Override
  protected SocketAddress remoteAddress0() {
    return parent().remoteAddress();
  }

  @Override
  protected boolean isCompatible(EventLoop loop) {
    return true;
  }

  @Override
  protected void doBind(SocketAddress local) {
    throw new UnsupportedOperationException();
  }

  @Override
  protected AbstractUnsafe newUnsafe() {
    return new AbstractUnsafe() {
      @Override
      public void connect(SocketAddress remote, SocketAddress local, ChannelPromise promise) {
        promise.setFailure(new UnsupportedOperationException());
      }
    };
  }
}
