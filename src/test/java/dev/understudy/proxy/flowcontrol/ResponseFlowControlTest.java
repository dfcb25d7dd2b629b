package dev.understudy.proxy.flowcontrol;

import static org.assertj.core.api.Assertions.assertThat;

import dev.understudy.testing.Await;
import dev.understudy.testing.Http2Server;
import io.netty.bootstrap.Bootstrap;
import io.netty.channel.Channel;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelInboundHandlerAdapter;
import io.netty.channel.ChannelInitializer;
import io.netty.channel.MultiThreadIoEventLoopGroup;
import io.netty.channel.nio.NioIoHandler;
import io.netty.channel.socket.nio.NioSocketChannel;
import io.netty.handler.codec.http2.DefaultHttp2Headers;
import io.netty.handler.codec.http2.DefaultHttp2HeadersFrame;
import io.netty.handler.codec.http2.Http2DataFrame;
import io.netty.handler.codec.http2.Http2FrameCodec;
import io.netty.handler.codec.http2.Http2FrameCodecBuilder;
import io.netty.handler.codec.http2.Http2MultiplexHandler;
import io.netty.handler.codec.http2.Http2SettingsAckFrame;
import io.netty.handler.codec.http2.Http2StreamChannel;
import io.netty.handler.codec.http2.Http2StreamChannelBootstrap;
import io.netty.util.ReferenceCountUtil;
import java.net.InetAddress;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicLong;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** Flow control of what a server sends on streams that are opened here, on sockets. */
// A write that fails shows in what arrives.
@SuppressWarnings("FutureReturnValueIgnored")
class ResponseFlowControlTest {
  private static final int BUDGET = 16 << 20;
  private static final int SIZE = 1_000_000;
  private static final int ENDLESS = 1 << 24;
  private static final long DELAY = TimeUnit.MILLISECONDS.toNanos(50);

  private final MultiThreadIoEventLoopGroup loops =
      new MultiThreadIoEventLoopGroup(
          1, Thread.ofPlatform().daemon().factory(), NioIoHandler.newFactory());
  private final WindowBudget budget = new WindowBudget(BUDGET);

  /** The clock: it stands, but for the acknowledgement of SETTINGS. */
  private final AtomicLong nanos = new AtomicLong();

  private final Http2Server server =
      new Http2Server(
          call -> {
            call.head(200, false);
            call.data(new byte["/endless".equals(call.header(":path")) ? ENDLESS : SIZE], true);
          });
  private final Http2FrameCodec codec = Http2FrameCodecBuilder.forClient().build();
  private volatile boolean measured;
  private Channel connection;

  @BeforeEach
  void connect() {
    AdaptiveFlowController.install(codec, 100, budget, nanos::get);
    connection =
        new Bootstrap()
            .group(loops)
            .channel(NioSocketChannel.class)
            .handler(
                new ChannelInitializer<Channel>() {
                  @Override
                  protected void initChannel(Channel channel) {
                    channel
                        .pipeline()
                        .addLast(
                            codec,
                            new Http2MultiplexHandler(new ChannelInboundHandlerAdapter()),
                            new Acknowledgement());
                  }
                })
            .connect(InetAddress.getLoopbackAddress(), server.port())
            .syncUninterruptibly()
            .channel();
    Await.until("SETTINGS are acknowledged", () -> measured);
  }

  @AfterEach
  void close() {
    connection.close().syncUninterruptibly();
    server.close();
    loops.shutdownGracefully(0, 1, TimeUnit.SECONDS).syncUninterruptibly();
  }

  private final class Acknowledgement extends ChannelInboundHandlerAdapter {
    @Override
    public void channelRead(ChannelHandlerContext ctx, Object msg) throws Exception {
      if (msg instanceof Http2SettingsAckFrame) {
        nanos.addAndGet(DELAY);
        AdaptiveFlowController.of(codec.connection()).acknowledged();
        nanos.addAndGet(-DELAY);
        AdaptiveFlowController.of(codec.connection()).cover();
        measured = true;
      }
      ReferenceCountUtil.release(msg);
    }
  }

  /** A request, and its response as far as it is read. */
  private final class Exchange extends ChannelInboundHandlerAdapter {
    final Http2StreamChannel stream;
    private final AtomicLong read = new AtomicLong();
    private volatile boolean reads;

    Exchange(String path, boolean reads) {
      this.reads = reads;
      stream =
          new Http2StreamChannelBootstrap(connection)
              .handler(this)
              .open()
              .syncUninterruptibly()
              .getNow();
      stream.config().setAutoRead(reads);
      stream
          .writeAndFlush(
              new DefaultHttp2HeadersFrame(
                  new DefaultHttp2Headers().method("GET").scheme("http").authority("a").path(path),
                  true))
          .syncUninterruptibly();
      stream.eventLoop().execute(() -> flowControl().opened(stream.stream().id()));
    }

    @Override
    public void channelRead(ChannelHandlerContext ctx, Object msg) {
      if (msg instanceof Http2DataFrame data) {
        read.addAndGet(data.content().readableBytes());
      }
      ReferenceCountUtil.release(msg);
    }

    @Override
    public void channelInactive(ChannelHandlerContext ctx) {
      flowControl().left(stream.stream().id());
    }

    /** Whether the server has sent all. */
    boolean isComplete() throws Exception {
      return loops
          .next()
          .submit(() -> codec.connection().stream(stream.stream().id()) == null)
          .get();
    }
  }

  private AdaptiveFlowController flowControl() {
    return AdaptiveFlowController.of(codec.connection());
  }

  /** Reads a response that makes windows grow. */
  private void grow() {
    Exchange read = new Exchange("/", true);
    Await.until("it is read", () -> read.read.get() == SIZE);
    Await.until("the stream has ended", () -> !read.stream.isOpen());
  }

  @Test
  void a_complete_response_counts_until_it_is_read() throws Exception {
    grow();
    Await.until("nothing is kept", () -> budget.left() == BUDGET);
    Exchange unread = new Exchange("/", false);
    Await.until("all of it is here", unread::isComplete);
    Await.until(
        "no more is kept than is unread",
        () -> budget.left() >= BUDGET - SIZE - 2 * WindowSizing.FIRST);
    assertThat(budget.left()).isLessThanOrEqualTo(BUDGET - SIZE + 2 * WindowSizing.FIRST);
    unread.stream.config().setAutoRead(true);
    Await.until("nothing is kept", () -> budget.left() == BUDGET);
    assertThat(unread.read).hasValue(SIZE);
  }

  @Test
  void a_complete_response_counts_until_its_user_leaves() {
    grow();
    Exchange unread = new Exchange("/", false);
    Await.until("all of it is here", unread::isComplete);
    assertThat(budget.left()).isLessThan(BUDGET);
    unread.stream.close().syncUninterruptibly();
    Await.until("nothing is kept", () -> budget.left() == BUDGET);
  }

  @Test
  void a_connection_without_streams_keeps_nothing() {
    grow();
    Exchange endless = new Exchange("/endless", true);
    Await.until("much has passed", () -> endless.read.get() > SIZE);
    endless.stream.config().setAutoRead(false);
    endless.stream.close().syncUninterruptibly();
    Await.until("nothing is kept", () -> budget.left() == BUDGET);
    assertThat(connection.isActive()).isTrue();
  }
}
