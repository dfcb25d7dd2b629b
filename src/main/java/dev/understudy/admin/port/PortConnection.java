package dev.understudy.admin.port;

import dev.understudy.fairness.ClientNetwork;
import dev.understudy.proxy.http.RequestParts;
import io.netty.buffer.ByteBuf;
import io.netty.buffer.ByteBufHolder;
import io.netty.channel.Channel;
import io.netty.channel.ChannelDuplexHandler;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelOutboundBuffer;
import io.netty.channel.ChannelPromise;
import io.netty.handler.codec.DecoderResult;
import io.netty.handler.codec.http.HttpRequest;
import io.netty.handler.codec.http.HttpResponse;
import io.netty.handler.codec.http.HttpStatusClass;
import io.netty.handler.codec.http.LastHttpContent;
import io.netty.handler.codec.http.TooLongHttpHeaderException;
import io.netty.handler.codec.http.TooLongHttpLineException;
import io.netty.util.NetUtil;
import java.net.InetSocketAddress;
import java.net.SocketAddress;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import org.jspecify.annotations.Nullable;

/**
 * One connection to the management port, between its codec and Reactor Netty: notes requests under
 * way and bytes that the client has not taken, for {@link PortConnections}, and bounds the parts of
 * a request of which Spring makes objects.
 *
 * <p>Fields are written on the connection's event loop, and read on those of others.
 */
// A failed close leaves the channel closed.
@SuppressWarnings("FutureReturnValueIgnored")
final class PortConnection extends ChannelDuplexHandler {
  private final PortConnections all;
  private final Channel channel;
  private final @Nullable SocketAddress client;
  private final ClientNetwork network;
  private final AtomicInteger requests = new AtomicInteger();
  private final UnsentBytes held;
  private volatile long since = System.nanoTime();
  private volatile long heldSince;

  // Used on the event loop only.
  private boolean watched;
  private boolean leaving;
  private boolean emptied;
  private long written;
  private long writtenBefore;
  private long remainingBefore;

  PortConnection(PortConnections all, Channel channel) {
    this.all = all;
    this.channel = channel;
    this.client = channel.remoteAddress();
    this.network = ClientNetwork.of(client);
    this.held = new UnsentBytes(all::waiting);
  }

  /** Counts the connection until its channel is closed. */
  void open() {
    all.opened(this);
    // Afterwards, as a channel that is closed already calls at once.
    channel.closeFuture().addListener(closed -> ended());
  }

  ClientNetwork network() {
    return network;
  }

  /** Whether a request has not got its whole response yet. */
  boolean isBusy() {
    return requests.get() > 0;
  }

  /** When the connection became busy, or idle, by {@link System#nanoTime}. */
  long since() {
    return since;
  }

  /** The bytes that the client has not taken yet. */
  long held() {
    return held.get();
  }

  /** Since when there are such bytes. */
  long heldSince() {
    return heldSince;
  }

  /** Closes the connection, with whatever waits for its client; from any thread. */
  void close(String why) {
    all.logClose(this, why);
    // First, as the bytes are about to be dropped, and would cost others their connections.
    held.close();
    channel.close();
  }

  /** Closes the connection after the responses under way; from any thread. */
  void leave() {
    channel
        .eventLoop()
        .execute(
            () -> {
              leaving = true;
              closeIfLeft();
            });
  }

  private void closeIfLeft() {
    if (leaving && !isBusy()) {
      channel.close();
    }
  }

  private void ended() {
    held.close();
    all.closed(this);
  }

  @Override
  public void channelRead(ChannelHandlerContext context, Object message) {
    if (message instanceof HttpRequest request) {
      bound(request);
      if (requests.getAndIncrement() == 0) {
        since = System.nanoTime();
      }
    }
    context.fireChannelRead(message);
  }

  /**
   * Marks a request of which Spring would make too many objects, as the codec marks one that is too
   * long: Reactor Netty refuses it when its turn comes, and Spring does not see it.
   */
  private static void bound(HttpRequest request) {
    if (request.decoderResult().isFailure()) {
      return;
    }
    int status = RequestParts.of(request).refusal(RequestParts.Limits.DEFAULT);
    if (status != 0) {
      request.setDecoderResult(
          DecoderResult.failure(
              status == 431 ? new TooLongHttpHeaderException() : new TooLongHttpLineException()));
    }
  }

  @Override
  public void write(ChannelHandlerContext context, Object message, ChannelPromise promise) {
    int size = size(message);
    boolean last = message instanceof LastHttpContent && !isInterim(message);
    if (size == 0 && !last) {
      context.write(message, promise);
      return;
    }
    if (size > 0) {
      add(size);
    }
    ChannelPromise counted = promise.unvoid();
    counted.addListener(done -> taken(size, last));
    context.write(message, counted);
  }

  private static int size(Object message) {
    if (message instanceof ByteBuf bytes) {
      return bytes.readableBytes();
    }
    return message instanceof ByteBufHolder holder ? holder.content().readableBytes() : 0;
  }

  private static boolean isInterim(Object message) {
    return message instanceof HttpResponse response
        && response.status().codeClass() == HttpStatusClass.INFORMATIONAL;
  }

  private void add(int size) {
    if (!watched) {
      watched = true;
      // Before these bytes count, as the socket's buffer does not have them yet.
      watch();
    }
    written += size;
    if (held.get() == 0) {
      heldSince = System.nanoTime();
    }
    held.add(size);
  }

  private void taken(int size, boolean last) {
    held.add(-size);
    if (held.get() == 0) {
      emptied = true;
    }
    if (last && requests.decrementAndGet() == 0) {
      since = System.nanoTime();
      closeIfLeft();
    }
  }

  /** Looks after each {@code stall} whether the client takes something, as long as bytes wait. */
  private void watch() {
    emptied = false;
    writtenBefore = written;
    remainingBefore = remaining();
    var unused =
        channel
            .eventLoop()
            .schedule(this::check, all.limits().stall().toNanos(), TimeUnit.NANOSECONDS);
  }

  private void check() {
    if (held.get() == 0 || !channel.isActive()) {
      watched = false;
      return;
    }
    long taken = written - writtenBefore - (remaining() - remainingBefore);
    if (!emptied && taken < all.limits().least()) {
      close(
          "it read fewer than %d bytes in %d s"
              .formatted(all.limits().least(), all.limits().stall().toSeconds()));
      return;
    }
    watch();
  }

  /** The bytes that the socket has not taken yet, encrypted if they are. */
  private long remaining() {
    ChannelOutboundBuffer buffer = channel.unsafe().outboundBuffer();
    return buffer == null ? 0 : buffer.totalPendingWriteBytes() - buffer.currentProgress();
  }

  @Override
  public String toString() {
    return client instanceof InetSocketAddress address
        ? NetUtil.toSocketAddressString(address)
        : "an unknown address";
  }
}
