package dev.understudy.proxy.engine;

import dev.understudy.pool.ServerId;
import dev.understudy.proxy.http.ProxyRequest;
import dev.understudy.proxy.http.TrustedProxies;
import dev.understudy.proxy.http.UpgradeOffer;
import dev.understudy.proxy.session.StickyKey;
import dev.understudy.proxy.upstream.ServerLimits;
import dev.understudy.testing.Await;
import dev.understudy.testing.Recorder;
import dev.understudy.testing.TestPools;
import dev.understudy.testing.TestRequests;
import dev.understudy.traffic.RequestEnd;
import io.netty.bootstrap.Bootstrap;
import io.netty.buffer.ByteBuf;
import io.netty.buffer.ByteBufAllocator;
import io.netty.channel.Channel;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelInboundHandlerAdapter;
import io.netty.channel.EventLoop;
import io.netty.channel.MultiThreadIoEventLoopGroup;
import io.netty.channel.embedded.EmbeddedChannel;
import io.netty.channel.nio.NioIoHandler;
import io.netty.channel.socket.nio.NioSocketChannel;
import io.netty.handler.codec.http.DefaultHttpHeaders;
import io.netty.handler.codec.http.EmptyHttpHeaders;
import io.netty.handler.codec.http.HttpHeaders;
import io.netty.handler.codec.http.HttpMethod;
import io.netty.handler.codec.http.HttpResponse;
import io.netty.handler.codec.http.HttpVersion;
import io.netty.util.ReferenceCountUtil;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.nio.charset.StandardCharsets;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import org.jspecify.annotations.Nullable;

/**
 * The engine on one event loop, with clients that are no sockets: a test decides what comes in
 * which call of that loop. Servers are real.
 */
final class EngineRig implements AutoCloseable {
  final TestPools pools;
  final Recorder seen;
  final Engine engine;
  final EventLoop loop;
  private final MultiThreadIoEventLoopGroup loops =
      new MultiThreadIoEventLoopGroup(1, NioIoHandler.newFactory());

  EngineRig(TestPools pools, Recorder seen) {
    this(pools, seen, ServerLimits.DEFAULT);
  }

  EngineRig(TestPools pools, Recorder seen, ServerLimits limits) {
    this.pools = pools;
    this.seen = seen;
    loop = loops.next();
    engine =
        new Engine(
            pools,
            seen,
            seen,
            TrustedProxies.NONE,
            settings -> {
              throw new AssertionError("no https server here");
            },
            EngineRig::tunnel,
            limits,
            StickyKey.DERIVED,
            new ErrorResponses(),
            null);
  }

  /** A tunnel that ends at once. */
  private static void tunnel(
      Channel client,
      Channel upstream,
      SelectedServer to,
      boolean webSocket,
      TunnelFactory.Listener listener) {
    upstream.close();
    listener.closed(RequestEnd.TUNNEL_CLOSED, 0, 0);
  }

  /** Runs that in one call of the loop, and waits for its end. */
  void onLoop(Runnable task) {
    loop.submit(task).syncUninterruptibly();
  }

  /**
   * Runs that while the loop reads what has come on a connection, where requests begin, and waits
   * for its end.
   */
  void onInput(Runnable task) throws IOException {
    CompletableFuture<Void> done = new CompletableFuture<>();
    Bootstrap connection =
        new Bootstrap()
            .group(loop)
            .channel(NioSocketChannel.class)
            .handler(
                new ChannelInboundHandlerAdapter() {
                  @Override
                  public void channelRead(ChannelHandlerContext ctx, Object msg) {
                    ReferenceCountUtil.release(msg);
                    ctx.close();
                    task.run();
                    done.complete(null);
                  }

                  @Override
                  public void exceptionCaught(ChannelHandlerContext ctx, Throwable cause) {
                    done.completeExceptionally(cause);
                  }
                });
    try (ServerSocket listening = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
      connection.connect(listening.getLocalSocketAddress()).syncUninterruptibly();
      try (Socket peer = listening.accept()) {
        peer.getOutputStream().write(0);
        done.orTimeout(20, TimeUnit.SECONDS).join();
      }
    }
  }

  /**
   * Waits until so many of the engine's ticks, each of which judges all that waits, have passed.
   */
  void ticks(int count) {
    loop.schedule(() -> {}, count * EngineLoop.TICK_NANOS, TimeUnit.NANOSECONDS)
        .syncUninterruptibly();
  }

  /** A request without a body, on its way. */
  Client get(String target, String... fields) {
    Client client = new Client("GET", target, false, fields);
    onLoop(client::start);
    return client;
  }

  /** The same where a filter prefers a server. */
  Client getFrom(String server, String target) {
    Client client = new Client("GET", target, false, new ServerId(server));
    onLoop(client::start);
    return client;
  }

  @Override
  public void close() {
    engine.close();
    Await.until(
        "no request is counted as running",
        () -> pools.state().servers().stream().allMatch(s -> s.traffic().requests().get() == 0));
    Await.until("nobody waits", () -> seen.held.get() == 0);
    Await.until("nothing is kept", () -> pools.state().traffic().heldBytes().get() == 0);
    loops.shutdownGracefully(0, 5, TimeUnit.SECONDS).syncUninterruptibly();
  }

  /** One request and what its client is given; to be touched on the loop, looked at anywhere. */
  final class Client implements Downstream {
    private final Exchange exchange;
    private final String target;
    private final StringBuffer body = new StringBuffer();
    private volatile int status;
    private volatile String cookie = "";
    private volatile boolean ended;
    private volatile boolean aborted;
    private volatile boolean upgraded;
    private volatile String wrong = "";
    volatile boolean writable = true;

    /** Responses of 1xx that came. */
    final AtomicInteger informational = new AtomicInteger();

    /** Run in the call that brings the head. */
    volatile Runnable onHead = () -> {};

    Client(String method, String target, boolean hasBody, String... fields) {
      this(method, target, hasBody, null, fields);
    }

    Client(
        String method,
        String target,
        boolean hasBody,
        @Nullable ServerId prefer,
        String... fields) {
      this.target = target;
      HttpHeaders headers = new DefaultHttpHeaders().add("Host", "h");
      for (String field : fields) {
        int colon = field.indexOf(':');
        headers.add(field.substring(0, colon), field.substring(colon + 1).trim());
      }
      InetSocketAddress from = new InetSocketAddress(InetAddress.getLoopbackAddress(), 1);
      ProxyRequest request =
          TestRequests.request(
              () -> "test",
              TestPools.POOL,
              prefer,
              HttpMethod.valueOf(method),
              target,
              HttpVersion.HTTP_1_1,
              headers,
              hasBody,
              headers.contains("Upgrade") ? UpgradeOffer.WEB_SOCKET : null,
              TestRequests.client(from, 80, false));
      Exchange[] made = new Exchange[1];
      onLoopNow(() -> made[0] = engine.exchange(request, this, loop));
      exchange = made[0];
    }

    private void onLoopNow(Runnable task) {
      if (loop.inEventLoop()) {
        task.run();
      } else {
        onLoop(task);
      }
    }

    Client start() {
      exchange.start();
      return this;
    }

    Client send(String data) {
      ByteBuf piece = ByteBufAllocator.DEFAULT.buffer(data.length());
      piece.writeCharSequence(data, StandardCharsets.US_ASCII);
      exchange.requestBody(piece);
      return this;
    }

    Client end() {
      exchange.requestEnd(EmptyHttpHeaders.INSTANCE);
      return this;
    }

    void goAway() {
      exchange.clientGone();
    }

    /** What was written to it has left. */
    void reads() {
      writable = true;
      onLoop(exchange::writabilityChanged);
    }

    /** Waits for the end of the response, whatever it is. */
    Client await() {
      Await.until("the end of an answer", () -> ended || aborted || upgraded);
      return this;
    }

    String target() {
      return target;
    }

    int status() {
      return status;
    }

    String body() {
      return body.toString();
    }

    String cookie() {
      return cookie;
    }

    boolean isAborted() {
      return aborted;
    }

    boolean isOver() {
      return ended || aborted || upgraded;
    }

    /** Calls that came in a wrong order, or after the end; empty: none. */
    String wrong() {
      return wrong;
    }

    private void check(boolean good, String call) {
      if (!good || isOver()) {
        wrong += call + " ";
      }
    }

    @Override
    public void informational(HttpResponse response) {
      check(status == 0, "informational");
      informational.incrementAndGet();
    }

    @Override
    public void head(HttpResponse head) {
      check(status == 0, "head");
      status = head.status().code();
      cookie = head.headers().get("set-cookie", "");
      onHead.run();
    }

    @Override
    public void body(ByteBuf data) {
      check(status != 0, "body");
      body.append(data.toString(StandardCharsets.UTF_8));
      data.release();
    }

    @Override
    public void end(HttpHeaders trailers) {
      check(status != 0, "end");
      ended = true;
    }

    @Override
    public boolean isWritable() {
      return writable;
    }

    @Override
    public boolean isHeadWelcome() {
      return writable;
    }

    @Override
    public void requestRead() {}

    @Override
    public void breakOff() {
      abort();
    }

    @Override
    public void abort() {
      check(true, "abort");
      aborted = true;
    }

    @Override
    public Channel upgrade(HttpResponse switching) {
      check(status == 0, "upgrade");
      status = switching.status().code();
      upgraded = true;
      return new EmbeddedChannel();
    }
  }
}
