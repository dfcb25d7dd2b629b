package dev.understudy.proxy.flowcontrol;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatCode;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.understudy.testing.Await;
import dev.understudy.testing.Extent;
import io.netty.bootstrap.Bootstrap;
import io.netty.bootstrap.ServerBootstrap;
import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import io.netty.buffer.UnpooledByteBufAllocator;
import io.netty.channel.Channel;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelInboundHandlerAdapter;
import io.netty.channel.ChannelInitializer;
import io.netty.channel.ChannelOption;
import io.netty.channel.MultiThreadIoEventLoopGroup;
import io.netty.channel.embedded.EmbeddedChannel;
import io.netty.channel.nio.NioIoHandler;
import io.netty.channel.socket.nio.NioServerSocketChannel;
import io.netty.channel.socket.nio.NioSocketChannel;
import io.netty.handler.codec.http2.DefaultHttp2DataFrame;
import io.netty.handler.codec.http2.DefaultHttp2Headers;
import io.netty.handler.codec.http2.DefaultHttp2HeadersFrame;
import io.netty.handler.codec.http2.Http2Connection;
import io.netty.handler.codec.http2.Http2DataFrame;
import io.netty.handler.codec.http2.Http2Error;
import io.netty.handler.codec.http2.Http2Exception;
import io.netty.handler.codec.http2.Http2FrameCodec;
import io.netty.handler.codec.http2.Http2FrameCodecBuilder;
import io.netty.handler.codec.http2.Http2Headers;
import io.netty.handler.codec.http2.Http2HeadersFrame;
import io.netty.handler.codec.http2.Http2MultiplexHandler;
import io.netty.handler.codec.http2.Http2ResetFrame;
import io.netty.handler.codec.http2.Http2SettingsAckFrame;
import io.netty.handler.codec.http2.Http2Stream;
import io.netty.handler.codec.http2.Http2StreamChannel;
import io.netty.handler.codec.http2.Http2StreamChannelBootstrap;
import io.netty.util.ReferenceCountUtil;
import java.net.InetAddress;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.Callable;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicLong;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;
import org.junit.jupiter.params.provider.ValueSource;

/** Flow control on sockets: clients that send whatever they may to a server that reads or stops. */
// A write that fails shows in what arrives.
@SuppressWarnings("FutureReturnValueIgnored")
@Tag(Extent.FULL)
class AdaptiveFlowControllerTest {
  private static final int FIRST = WindowSizing.FIRST;
  private static final int BUDGET = 4 << 20;

  private final MultiThreadIoEventLoopGroup loops =
      new MultiThreadIoEventLoopGroup(
          1, Thread.ofPlatform().daemon().factory(), NioIoHandler.newFactory());
  private final WindowBudget budget = new WindowBudget(BUDGET);
  private final UnpooledByteBufAllocator memory = new UnpooledByteBufAllocator(true);

  /** The server's clock: it stands, but for the acknowledgement of SETTINGS. */
  private final AtomicLong nanos = new AtomicLong();

  private volatile long delayNanos = TimeUnit.MILLISECONDS.toNanos(50);

  /** How much the server reads of each stream whose path is not {@code /all}. */
  private volatile long readsOf = Long.MAX_VALUE;

  private final List<Served> served = new CopyOnWriteArrayList<>();
  private final List<Sender> senders = new CopyOnWriteArrayList<>();
  private Channel listening;

  @BeforeEach
  void listen() {
    listening =
        new ServerBootstrap()
            .group(loops)
            .channel(NioServerSocketChannel.class)
            .childOption(ChannelOption.ALLOCATOR, memory)
            .childHandler(
                new ChannelInitializer<Channel>() {
                  @Override
                  protected void initChannel(Channel channel) {
                    Served made = new Served();
                    channel.pipeline().addLast(made.codec, made.streams(), made);
                    served.add(made);
                  }
                })
            .bind(InetAddress.getLoopbackAddress(), 0)
            .syncUninterruptibly()
            .channel();
  }

  @AfterEach
  void all_is_given_back() {
    listening.close().syncUninterruptibly();
    senders.forEach(each -> each.channel.close().syncUninterruptibly());
    Await.until("the budget is whole", () -> budget.left() == BUDGET);
    Await.until("no memory is held", () -> memory.metric().usedDirectMemory() == 0);
    loops.shutdownGracefully(0, 1, TimeUnit.SECONDS).syncUninterruptibly();
  }

  /** The server's side of a connection. */
  private final class Served extends ChannelInboundHandlerAdapter {
    /** Resets as often as data comes for a stream that it has reset, unlike the proxy's codec. */
    final Http2FrameCodec codec =
        Http2FrameCodecBuilder.forServer().encoderEnforceMaxRstFramesPerWindow(0, 1).build();

    final Http2Connection connection = codec.connection();
    final List<Channel> streams = new ArrayList<>();
    volatile boolean measured;

    Served() {
      AdaptiveFlowController.install(codec, 1, budget, nanos::get);
    }

    Http2MultiplexHandler streams() {
      return new Http2MultiplexHandler(
          new ChannelInitializer<Channel>() {
            @Override
            protected void initChannel(Channel stream) {
              stream.config().setAutoRead(false);
              stream.pipeline().addLast(new Reader(connection));
              streams.add(stream);
            }
          });
    }

    /** Closes streams with unread data, which are not told. */
    @Override
    public void channelInactive(ChannelHandlerContext ctx) {
      streams.forEach(Channel::close);
    }

    @Override
    public void channelRead(ChannelHandlerContext ctx, Object msg) throws Exception {
      if (msg instanceof Http2SettingsAckFrame) {
        nanos.addAndGet(delayNanos);
        AdaptiveFlowController.of(connection).acknowledged();
        nanos.addAndGet(-delayNanos);
        measured = true;
      }
      ReferenceCountUtil.release(msg);
    }

    int window(int stream) {
      Http2Stream known = connection.stream(stream);
      return known == null ? 0 : connection.local().flowController().initialWindowSize(known);
    }

    /** Whether all that the client sends on a stream has come. */
    boolean isComplete(int stream) {
      Http2Stream known = connection.stream(stream);
      return known != null && !known.state().remoteSideOpen();
    }

    /** What of the client's promises is left, and what is unread. */
    int left() {
      return connection.local().flowController().windowSize(connection.connectionStream());
    }

    int unread() {
      return connection.local().flowController().unconsumedBytes(connection.connectionStream());
    }
  }

  private final class Reader extends ChannelInboundHandlerAdapter {
    private final Http2Connection connection;
    private boolean all;
    private long read;

    Reader(Http2Connection connection) {
      this.connection = connection;
    }

    @Override
    public void channelActive(ChannelHandlerContext ctx) {
      ctx.read();
    }

    @Override
    public void channelRead(ChannelHandlerContext ctx, Object msg) {
      if (msg instanceof Http2HeadersFrame head) {
        all = "/all".contentEquals(head.headers().path());
        long length = head.headers().getLong("content-length", -1);
        if (length >= 0) {
          Http2StreamChannel stream = (Http2StreamChannel) ctx.channel();
          AdaptiveFlowController.of(connection).announced(stream.stream().id(), length);
        }
      } else if (msg instanceof Http2DataFrame data) {
        read += data.content().readableBytes();
      }
      ReferenceCountUtil.release(msg);
    }

    @Override
    public void channelReadComplete(ChannelHandlerContext ctx) {
      if (all || read < readsOf) {
        ctx.read();
      }
    }
  }

  /** A client's connection. */
  private final class Sender {
    final Http2FrameCodec codec = Http2FrameCodecBuilder.forClient().build();
    final Http2Connection connection = codec.connection();
    final Channel channel;

    Sender() {
      channel =
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
                              codec, new Http2MultiplexHandler(new ChannelInboundHandlerAdapter()));
                    }
                  })
              .connect(listening.localAddress())
              .syncUninterruptibly()
              .channel();
      senders.add(this);
    }

    /** Whether it may send nothing more, and all that it sent has arrived. */
    boolean isHeldBack(Served by) throws Exception {
      int[] most = {0};
      connection.forEachActiveStream(
          stream -> {
            most[0] = Math.max(most[0], window(stream));
            return true;
          });
      int left = window(connection.connectionStream());
      return connection.numActiveStreams() > 0
          && by.measured
          && left == by.left()
          && Math.min(left, most[0]) == 0;
    }

    private int window(Http2Stream stream) {
      return connection.remote().flowController().windowSize(stream);
    }
  }

  /** A body of pieces of one size, sent as fast as may be. */
  private static final class Upload extends ChannelInboundHandlerAdapter {
    private final Sender by;
    private final int piece;
    final AtomicLong left;
    private boolean planned;
    final Http2StreamChannel stream;
    volatile @Nullable Http2Error reset;

    Upload(Sender by, String path, int piece, long length) {
      this.by = by;
      this.piece = piece;
      this.left = new AtomicLong(length);
      stream =
          new Http2StreamChannelBootstrap(by.channel)
              .handler(this)
              .open()
              .syncUninterruptibly()
              .getNow();
      Http2Headers head =
          new DefaultHttp2Headers().method("POST").scheme("http").authority("a").path(path);
      if (path.equals("/announced")) {
        head.setLong("content-length", length);
      }
      stream.writeAndFlush(new DefaultHttp2HeadersFrame(head));
      stream.eventLoop().execute(this::plan);
    }

    /** Sends one piece and, later, the next: Netty makes one frame of what it sends at once. */
    private void send() {
      planned = false;
      if (stream.isActive() && stream.isWritable() && left.get() > 0) {
        int length = (int) Math.min(piece, left.get());
        boolean last = left.addAndGet(-length) == 0;
        stream.writeAndFlush(
            new DefaultHttp2DataFrame(stream.alloc().buffer(length).writeZero(length), last));
        plan();
      }
    }

    private void plan() {
      if (!planned) {
        planned = true;
        stream.eventLoop().execute(this::send);
      }
    }

    @Override
    public void channelWritabilityChanged(ChannelHandlerContext ctx) {
      plan();
    }

    @Override
    public void userEventTriggered(ChannelHandlerContext ctx, Object event) {
      if (event instanceof Http2ResetFrame frame) {
        reset = Http2Error.valueOf(frame.errorCode());
      }
      ReferenceCountUtil.release(event);
    }

    /** Sends that many frames of ten bytes, each as it is. */
    void small(int frames) {
      stream
          .eventLoop()
          .execute(
              () -> {
                ChannelHandlerContext ctx = by.channel.pipeline().context(by.codec);
                for (int i = 0; i < frames; i++) {
                  by.codec
                      .encoder()
                      .frameWriter()
                      .writeData(
                          ctx,
                          stream.stream().id(),
                          ctx.alloc().buffer(10).writeZero(10),
                          0,
                          false,
                          ctx.newPromise());
                }
                ctx.flush();
              });
    }

    boolean isSent() {
      return left.get() == 0;
    }
  }

  private <T> T onLoop(Callable<T> task) throws Exception {
    return loops.next().submit(task).get();
  }

  /** Connects, and returns once the server knows the delay. */
  private Sender connect() {
    int before = served.size();
    Sender made = new Sender();
    Await.until(
        "SETTINGS are acknowledged", () -> served.size() > before && served.getLast().measured);
    return made;
  }

  private boolean isHeldBack() throws Exception {
    return onLoop(
        () -> {
          for (int i = 0; i < senders.size(); i++) {
            if (!senders.get(i).isHeldBack(served.get(i))) {
              return false;
            }
          }
          return true;
        });
  }

  private static final long ENDLESS = Long.MAX_VALUE;

  static List<Integer> pieces() {
    return Extent.sample(List.of(1_000, 16_384));
  }

  @ParameterizedTest(name = "in pieces of {0} bytes")
  @MethodSource("pieces")
  void stalled_uploads_hold_no_more_than_the_budget(int piece) throws Exception {
    readsOf = 200_000;
    int connections = 8;
    for (int i = 0; i < connections; i++) {
      Sender sender = connect();
      for (int stream = 0; stream < 4; stream++) {
        new Upload(sender, "/part", piece, ENDLESS);
      }
    }
    Await.until("all are held back", this::isHeldBack);
    long held = onLoop(() -> served.stream().mapToLong(Served::unread).sum());
    long first = connections * (long) FIRST;
    assertThat(held).isBetween(first + BUDGET / 4, first + BUDGET);
    assertThat(memory.metric().usedDirectMemory()).isLessThan(2 * (first + BUDGET));
  }

  @Test
  void a_small_part_of_what_is_read_keeps_no_whole_buffer() throws Exception {
    readsOf = 200_000;
    Sender sender = connect();
    Upload whole = new Upload(sender, "/all", 16_384, ENDLESS);
    new Upload(sender, "/part", 300, ENDLESS);
    Served server = served.getFirst();
    Await.until("the one is held back", () -> onLoop(() -> server.unread() > FIRST - 300));
    // Without copies about 200 times as much as is unread.
    assertThat(onLoop(() -> memory.metric().usedDirectMemory() - 4L * server.unread()))
        .isLessThan(1 << 20);
    assertThat(whole.reset).isNull();
  }

  @Test
  void an_upload_that_is_not_read_holds_back_no_other() throws Exception {
    Sender sender = connect();
    readsOf = 200_000;
    Upload complete = new Upload(sender, "/part", 16_384, 800_000);
    Await.until("one is here, unread", complete::isSent);
    new Upload(sender, "/part", 16_384, ENDLESS);
    Await.until("two are held back", () -> isHeldBack() || complete.isSent());
    Upload other = new Upload(sender, "/all", 16_384, 2 * BUDGET);
    Await.until("the third passes", other::isSent);
  }

  @Test
  void a_peer_that_proves_to_be_near_gets_a_smaller_window_again() throws Exception {
    delayNanos = 0;
    Sender sender = connect();
    Upload upload = new Upload(sender, "/all", 16_384, ENDLESS);
    Await.until("much has passed", () -> onLoop(() -> upload.left.get() < ENDLESS - (32 << 20)));
    assertThat(onLoop(() -> served.getFirst().window(3))).isEqualTo(WindowSizing.NEAR);
  }

  @Test
  void a_stream_after_one_with_a_large_window_begins_with_it() throws Exception {
    Sender sender = connect();
    Upload first = new Upload(sender, "/all", 16_384, 8 << 20);
    Await.until("it is sent", first::isSent);
    readsOf = 0;
    Upload second = new Upload(sender, "/part", 16_384, 1 << 20);
    Await.until("all of the next is here, though nothing is read", second::isSent);
  }

  @Test
  void a_window_for_an_announced_upload_is_for_all_of_it() {
    Sender sender = connect();
    readsOf = FIRST + 1;
    new Upload(sender, "/announced", 16_384, 800_000);
    Await.until(
        "the rest is here, though nothing more is read",
        () -> onLoop(() -> served.getFirst().unread() == 800_000 - FIRST));
  }

  @Test
  void two_announced_uploads_at_once_have_windows_for_all_of_both() {
    Sender sender = connect();
    readsOf = 2 * FIRST;
    new Upload(sender, "/announced", 16_384, 800_000);
    new Upload(sender, "/announced", 16_384, 800_000);
    Await.until(
        "all of both is here, though the rest is not read",
        () -> onLoop(() -> served.getFirst().isComplete(3) && served.getFirst().isComplete(5)));
  }

  @ParameterizedTest(name = "{0} bytes")
  @ValueSource(ints = {1_000, 1_000_000})
  void an_upload_that_has_come_and_is_not_read_holds_back_no_other(int length) {
    Sender sender = connect();
    readsOf = FIRST + 1;
    new Upload(sender, "/announced", 16_384, 800_000);
    Await.until(
        "all of it is here, unread",
        () -> onLoop(() -> served.getFirst().unread() == 800_000 - FIRST));
    new Upload(sender, "/all", 16_384, length);
    Await.until(
        "the other is read",
        () ->
            onLoop(
                () ->
                    served.getFirst().isComplete(5)
                        && served.getFirst().unread() == 800_000 - FIRST));
  }

  @Test
  void many_small_frames_behind_a_large_window_wait_like_large_ones() {
    Sender sender = connect();
    Upload upload = new Upload(sender, "/part", 16_384, ENDLESS);
    Await.until("it has a large window", () -> onLoop(() -> served.getFirst().window(3) > 1 << 19));
    upload.left.set(0);
    Served server = served.getFirst();
    Await.until(
        "all is read",
        () ->
            onLoop(
                () ->
                    server.unread() == 0
                        && server.left() == sender.window(sender.connection.connectionStream())
                        && upload.stream.isWritable()));
    readsOf = 0;
    int frames = (1 << 19) / 10;
    upload.small(frames);
    Await.until("all are unread", () -> onLoop(() -> server.unread() == 10 * frames));
    assertThat(memory.metric().usedDirectMemory()).isLessThan(4L << 19);
    assertThat(upload.reset).isNull();
  }

  /** Netty's decoder returns a frame twice if counting it fails. */
  @Test
  void after_more_than_a_window_what_is_read_is_not_counted() throws Exception {
    Served server = new Served();
    EmbeddedChannel channel = new EmbeddedChannel(server.codec);
    Http2Connection connection = server.connection;
    AdaptiveFlowController control = AdaptiveFlowController.of(connection);
    Http2Stream stream = connection.remote().createStream(1, false);
    control.receiveFlowControlledFrame(stream, octets(FIRST), 0, false);
    assertThatThrownBy(() -> control.receiveFlowControlledFrame(stream, octets(1), 0, false))
        .isInstanceOf(Http2Exception.class);
    control.consumeBytes(stream, 2);
    assertThatCode(() -> control.consumeBytes(stream, FIRST)).doesNotThrowAnyException();
    channel.finishAndReleaseAll();
  }

  private static ByteBuf octets(int count) {
    return Unpooled.wrappedBuffer(new byte[count]);
  }
}
