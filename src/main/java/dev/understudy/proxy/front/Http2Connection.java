package dev.understudy.proxy.front;

import dev.understudy.proxy.ClientConnection;
import dev.understudy.proxy.Limit;
import io.netty.channel.Channel;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelInboundHandlerAdapter;
import io.netty.handler.codec.http2.DefaultHttp2GoAwayFrame;
import io.netty.handler.codec.http2.DefaultHttp2PingFrame;
import io.netty.handler.codec.http2.Http2CodecUtil;
import io.netty.handler.codec.http2.Http2Error;
import io.netty.handler.codec.http2.Http2PingFrame;
import io.netty.util.ReferenceCountUtil;
import java.net.InetSocketAddress;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import java.util.OptionalInt;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;

/**
 * One HTTP/2 connection of a client, behind its codec: how long it may stay, and how it is ended.
 * What happens on a stream is {@link Http2Front}'s.
 *
 * <table>
 *   <caption>Stages and what may follow</caption>
 *   <tr><td>OPEN: takes streams</td><td>LEAVING, LEFT</td></tr>
 *   <tr><td>LEAVING: the client was told to use another connection, but streams that are on their
 *       way are still taken (RFC 9113 §6.8)</td><td>LEFT</td></tr>
 *   <tr><td>LEFT: no stream is taken; it is closed with the last one</td><td></td></tr>
 * </table>
 *
 * <p>Netty bounds how many frames of other kinds a client may send, above all RST_STREAM: after 200
 * within 30 s the connection is ended (CVE-2023-44487).
 */
// A write that fails closes the channel, and that is seen. Streams are themselves, not values.
@SuppressWarnings({"FutureReturnValueIgnored", "ReferenceEquality"})
final class Http2Connection extends ChannelInboundHandlerAdapter implements FrontLoop.Member {
  /** What marks the ping whose answer has crossed all streams that were on their way. */
  private static final long FAREWELL = 0x756e_6465_7273_7475L;

  /** For the answer to that ping, and for the last frames to go out. */
  private static final long FAREWELL_NANOS = TimeUnit.SECONDS.toNanos(2);

  private enum Stage {
    OPEN,
    LEAVING,
    LEFT
  }

  private final FrontDoor door;
  private final List<Http2Front> streams = new ArrayList<>(4);
  private @Nullable ChannelHandlerContext context;
  private @Nullable FrontLoop loop;
  private @Nullable Patience patience;
  private @Nullable ClientConnection client;
  private Stage stage = Stage.OPEN;
  private int slot = -1;
  private int requests;

  Http2Connection(FrontDoor door) {
    this.door = door;
  }

  @Override
  public void handlerAdded(ChannelHandlerContext ctx) {
    context = ctx;
    FrontLoop own = door.on(ctx.channel().eventLoop());
    loop = own;
    patience = new Patience(own);
    own.enter(this);
    if (door.isDraining()) {
      drain();
    }
  }

  @Override
  public void handlerRemoved(ChannelHandlerContext ctx) {
    loop().leave(this);
  }

  @Override
  public void channelInactive(ChannelHandlerContext ctx) {
    loop().leave(this);
    for (Http2Front stream : List.copyOf(streams)) {
      stream.connectionGone();
    }
    ctx.fireChannelInactive();
  }

  @Override
  public void channelRead(ChannelHandlerContext ctx, Object msg) {
    boolean answered =
        msg instanceof Http2PingFrame ping && ping.ack() && ping.content() == FAREWELL;
    if (answered && stage == Stage.LEAVING) {
      leave();
    }
    ReferenceCountUtil.release(msg);
  }

  /** What breaks HTTP/2 is answered by the codec, which then ends the connection. */
  @Override
  public void exceptionCaught(ChannelHandlerContext ctx, Throwable cause) {
    if (Http2CodecUtil.getEmbeddedHttp2Exception(cause) == null) {
      ctx.close();
    }
  }

  // Streams.

  /** Returns whom the stream is from; null: they have too many connections. */
  @Nullable ClientConnection opened(Http2Front stream) {
    Channel channel = context().channel();
    if (client == null && isOneTooMany(channel)) {
      channel.close();
      return null;
    }
    stream.slot(streams.size());
    streams.add(stream);
    requests++;
    if (stage == Stage.OPEN && isLastAllowed()) {
      leaveSoon();
    }
    ClientConnection known = client;
    if (known == null) {
      known = ClientAddress.of(channel);
      client = known;
    }
    return known;
  }

  /** Who was not known when the connection was accepted may have too many. */
  private boolean isOneTooMany(Channel channel) {
    InetSocketAddress proxied = ClientAddress.fromProxyProtocol(channel);
    return proxied != null && !door.connections().admit(channel, proxied.getAddress());
  }

  private boolean isLastAllowed() {
    OptionalInt max = door.limits().maxRequestsPerConnection();
    if (max.isEmpty() || requests < max.getAsInt()) {
      return false;
    }
    door.listener().limited(Limit.REQUESTS_PER_CONNECTION);
    return true;
  }

  /** Without effect if it has closed before. */
  void closed(Http2Front stream) {
    int from = stream.slot();
    if (from < 0) {
      return;
    }
    Http2Front moved = streams.removeLast();
    if (moved != stream) {
      streams.set(from, moved);
      moved.slot(from);
    }
    stream.slot(-1);
    if (streams.isEmpty()) {
      patience().moved();
    }
  }

  // Time.

  @Override
  public int slot() {
    return slot;
  }

  @Override
  public void slot(int given) {
    slot = given;
  }

  @Override
  public long waitingSince() {
    return streams.isEmpty() ? patience().since() : NOT_WAITING;
  }

  @Override
  public void shed() {
    leave();
  }

  @Override
  public void sweep(long nowClock) {
    for (int i = streams.size() - 1; i >= 0; i--) {
      if (i < streams.size()) {
        streams.get(i).sweep(nowClock);
      }
    }
    long waited = patience().waited(nowClock);
    switch (stage) {
      case OPEN -> {
        if (streams.isEmpty()) {
          sweepIdle(waited);
        }
      }
      case LEAVING -> {
        if (waited >= FAREWELL_NANOS) {
          leave();
        }
      }
      case LEFT -> {
        if (streams.isEmpty() && waited >= FAREWELL_NANOS) {
          // Past TLS and the codec, which wait until a client that reads nothing has room.
          Channel channel = context().channel();
          channel.unsafe().close(channel.voidPromise());
        }
      }
    }
  }

  private void sweepIdle(long waited) {
    boolean fresh = requests == 0;
    FrontLimits limits = door.limits();
    if (waited >= (fresh ? limits.headerTimeout() : limits.keepAlive()).toNanos()) {
      if (fresh) {
        door.listener().limited(Limit.HEADER_TIME);
      }
      leave();
    }
  }

  // The end.

  @Override
  public void drain() {
    if (stage == Stage.OPEN && streams.isEmpty()) {
      leave();
    } else if (stage == Stage.OPEN) {
      leaveSoon();
    }
  }

  /** A request that crosses this on its way is served. */
  private void leaveSoon() {
    stage = Stage.LEAVING;
    patience().moved();
    ChannelHandlerContext ctx = context();
    ctx.write(
        new DefaultHttp2GoAwayFrame(Http2Error.NO_ERROR).setExtraStreamIds(Integer.MAX_VALUE));
    ctx.writeAndFlush(new DefaultHttp2PingFrame(FAREWELL));
  }

  /** The codec says which stream was the last one, if we have not, and closes after it. */
  private void leave() {
    if (stage == Stage.LEFT) {
      return;
    }
    ChannelHandlerContext ctx = context();
    if (stage == Stage.LEAVING) {
      ctx.write(new DefaultHttp2GoAwayFrame(Http2Error.NO_ERROR));
    }
    stage = Stage.LEFT;
    patience().moved();
    ctx.close();
  }

  private ChannelHandlerContext context() {
    return Objects.requireNonNull(context);
  }

  FrontLoop loop() {
    return Objects.requireNonNull(loop);
  }

  private Patience patience() {
    return Objects.requireNonNull(patience);
  }
}
