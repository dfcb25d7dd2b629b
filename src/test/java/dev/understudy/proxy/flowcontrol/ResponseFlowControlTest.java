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
import io.netty.handler.codec.http2.Http2Headers;
import io.netty.handler.codec.http2.Http2MultiplexHandler;
import io.netty.handler.codec.http2.Http2SettingsAckFrame;
import io.netty.handler.codec.http2.Http2Stream;
import io.netty.handler.codec.http2.Http2StreamChannel;
import io.netty.handler.codec.http2.Http2StreamChannelBootstrap;
import io.netty.util.ReferenceCountUtil;
import java.net.InetAddress;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.Callable;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicLong;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** Flow control of what a server sends on streams that are opened here, on sockets. */
// A write that fails shows in what arrives.
@SuppressWarnings("FutureReturnValueIgnored")
class ResponseFlowControlTest {
  private static final int BUDGET = 16 << 20;
  private static final int SIZE = 1_000_000;
  private static final int ENDLESS = 1 << 24;
  private static final int SMALL = 100;

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
            call.data(
                new byte
                    [switch (call.header(":path")) {
                      case "/endless" -> ENDLESS;
                      case "/small" -> SMALL;
                      default -> SIZE;
                    }],
                true);
          });
  private final Http2FrameCodec codec = Http2FrameCodecBuilder.forClient().build();
  private final List<Exchange> exchanges = new ArrayList<>();
  private volatile long delayNanos;
  private volatile boolean measured;
  private Channel connection;

  private void connect(long delayMillis) {
    delayNanos = TimeUnit.MILLISECONDS.toNanos(delayMillis);
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
    // Streams with unread data are not told of the connection's end.
    exchanges.forEach(each -> each.stream.close().syncUninterruptibly());
    connection.close().syncUninterruptibly();
    server.close();
    loops.shutdownGracefully(0, 1, TimeUnit.SECONDS).syncUninterruptibly();
  }

  private final class Acknowledgement extends ChannelInboundHandlerAdapter {
    @Override
    public void channelRead(ChannelHandlerContext ctx, Object msg) throws Exception {
      if (msg instanceof Http2SettingsAckFrame) {
        nanos.addAndGet(delayNanos);
        AdaptiveFlowController.of(codec.connection()).acknowledged();
        nanos.addAndGet(-delayNanos);
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
      exchanges.add(this);
      stream.config().setAutoRead(reads);
      Http2Headers head =
          new DefaultHttp2Headers().method("GET").scheme("http").authority("a").path(path);
      // Before anything of the response can have come.
      stream
          .eventLoop()
          .submit(
              () -> {
                stream.write(new DefaultHttp2HeadersFrame(head, true));
                flowControl().opened(stream.stream().id());
                stream.flush();
              })
          .syncUninterruptibly();
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
      return onLoop(() -> codec.connection().stream(stream.stream().id()) == null);
    }
  }

  private <T> T onLoop(Callable<T> task) throws Exception {
    return loops.next().submit(task).get();
  }

  private AdaptiveFlowController flowControl() {
    return AdaptiveFlowController.of(codec.connection());
  }

  /** Reads a response that makes windows grow. */
  private void grow() {
    connect(50);
    Exchange read = new Exchange("/", true);
    Await.until("it is read", () -> read.read.get() == SIZE);
    Await.until("the stream has ended", () -> !read.stream.isOpen());
  }

  @Test
  void a_distant_server_may_send_all_of_a_response_at_once() {
    connect(10);
    Exchange first = new Exchange("/", false);
    Await.until("all of it is here, though nothing was read", first::isComplete);
    Exchange small = new Exchange("/small", true);
    Await.until("it is read", () -> small.read.get() == SMALL);
    Exchange next = new Exchange("/", false);
    Await.until("all of the next is here, too", next::isComplete);
  }

  @Test
  void a_near_server_awaits_that_the_first_window_is_read() throws Exception {
    connect(0);
    Exchange unread = new Exchange("/", false);
    Exchange read = new Exchange("/", true);
    Await.until("the other is read", () -> read.read.get() == SIZE);
    assertThat(unread.isComplete()).isFalse();
  }

  @Test
  void windows_that_nothing_has_proved_leave_half_of_the_budget() throws Exception {
    connect(50);
    for (int i = 0; i < 20; i++) {
      new Exchange("/endless", false);
    }
    Await.until("half is taken", () -> budget.left() < BUDGET / 2 + 2 * WindowSizing.FIRST);
    assertThat(budget.left()).isGreaterThanOrEqualTo(BUDGET / 2);
  }

  @ParameterizedTest(name = "of {0} bytes: {1}")
  @CsvSource({"-1, 4259839", "1000000, 1000000", "100, 65535"})
  void a_window_is_no_larger_than_a_response_is_announced_to_be(long length, int window)
      throws Exception {
    connect(50);
    Exchange unread = new Exchange("/endless", false);
    int id = unread.stream.stream().id();
    Await.until("it is large", () -> window(id) == WindowSizing.FIRST + BUDGET / 4);
    onLoop(
        () -> {
          flowControl().announced(id, length);
          return null;
        });
    assertThat(window(id)).isEqualTo(window);
  }

  private int window(int id) throws Exception {
    return onLoop(
        () -> {
          Http2Stream known = codec.connection().stream(id);
          return codec.connection().local().flowController().initialWindowSize(known);
        });
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
