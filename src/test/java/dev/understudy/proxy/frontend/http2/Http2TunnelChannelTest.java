package dev.understudy.proxy.frontend.http2;

import static org.assertj.core.api.Assertions.assertThat;

import dev.understudy.proxy.engine.Downstream;
import dev.understudy.proxy.engine.ErrorResponses;
import dev.understudy.proxy.engine.Exchange;
import dev.understudy.proxy.engine.StreamChannel;
import dev.understudy.proxy.frontend.Frontend;
import dev.understudy.proxy.http.TrustedProxies;
import dev.understudy.proxy.route.RouteCompiler;
import dev.understudy.proxy.route.RouteTable;
import dev.understudy.testing.RawHttp2;
import dev.understudy.testing.Recorder;
import dev.understudy.testing.TestLimits;
import dev.understudy.testing.TestRoutes;
import dev.understudy.traffic.TraceContext;
import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import io.netty.channel.ChannelFuture;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelInboundHandlerAdapter;
import io.netty.channel.embedded.EmbeddedChannel;
import io.netty.channel.socket.ChannelInputShutdownEvent;
import io.netty.handler.codec.http.DefaultHttpResponse;
import io.netty.handler.codec.http.HttpHeaders;
import io.netty.handler.codec.http.HttpResponseStatus;
import io.netty.handler.codec.http.HttpVersion;
import io.netty.handler.codec.http2.Http2Error;
import io.netty.handler.codec.http2.Http2FrameCodecBuilder;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** What a tunnel does with the channel of its stream, and its client with the stream. */
class Http2TunnelChannelTest {
  private static final int WINDOW = 65_535;
  private static final int STREAM = 1;

  /** So long that it is not joined with others on its way. */
  private static final String PIECE = "a".repeat(2_000);

  private static final RouteTable ROUTES =
      RouteCompiler.compile(
          List.of(TestRoutes.route("all", "pool://sense", "Path=/**")), List.of());

  private final Frontend frontend =
      new Frontend(
          (request, side, loop) -> {
            downstream = side;
            return new Silent();
          },
          () -> ROUTES,
          new Recorder(),
          TrustedProxies.NONE,
          TestLimits.DEFAULT,
          new ErrorResponses());

  private final EmbeddedChannel connection = new EmbeddedChannel();
  private final Seen seen = new Seen();
  private Downstream downstream;
  private StreamChannel channel;

  /** An exchange that is over with the upgrade. */
  private static final class Silent implements Exchange {
    @Override
    public TraceContext trace() {
      return null;
    }

    @Override
    public void start() {}

    @Override
    public void requestBody(ByteBuf data) {
      data.release();
    }

    @Override
    public void requestEnd(HttpHeaders trailers) {}

    @Override
    public void clientGone() {}

    @Override
    public void refuse(int status) {}

    @Override
    public void writabilityChanged() {}
  }

  /** A tunnel's side, by words. */
  private static final class Seen extends ChannelInboundHandlerAdapter {
    private final List<String> events = new ArrayList<>();
    private Runnable within = () -> {};

    @Override
    public void channelRead(ChannelHandlerContext ctx, Object msg) {
      ByteBuf data = (ByteBuf) msg;
      String text = data.toString(StandardCharsets.US_ASCII);
      data.release();
      events.add(text.length() > 9 ? text.length() + " bytes" : text);
      within.run();
      events.add("/");
    }

    @Override
    public void channelReadComplete(ChannelHandlerContext ctx) {
      events.add("complete");
    }

    @Override
    public void userEventTriggered(ChannelHandlerContext ctx, Object event) {
      events.add(event == ChannelInputShutdownEvent.INSTANCE ? "end" : event.toString());
    }

    @Override
    public void channelWritabilityChanged(ChannelHandlerContext ctx) {
      events.add(ctx.channel().isWritable() ? "writable" : "full");
    }

    @Override
    public void channelInactive(ChannelHandlerContext ctx) {
      events.add("closed");
    }
  }

  @BeforeEach
  void open() {
    connection.pipeline().addLast("codec", Http2FrameCodecBuilder.forServer().build());
    Http2RequestCodec codec =
        Http2RequestCodec.replace(connection.pipeline(), "codec", frontend.connections().windows());
    connection.pipeline().addLast(new Http2ClientConnection(frontend, codec));
    receive(RawHttp2.PREFACE);
    receive(RawHttp2.encode(RawHttp2.SETTINGS, 0, 0, new byte[0]));
    receive(
        RawHttp2.encode(
            RawHttp2.HEADERS,
            RawHttp2.END_HEADERS,
            STREAM,
            RawHttp2.block(
                ":method: CONNECT",
                ":protocol: websocket",
                ":scheme: https",
                ":authority: h.test",
                ":path: /",
                "sec-websocket-version: 13")));
  }

  @AfterEach
  void close() {
    drop();
    connection.finishAndReleaseAll();
    assertThat(frontend.connections().memory().held()).isZero();
  }

  private void tunnel() {
    channel =
        (StreamChannel)
            downstream.upgrade(
                new DefaultHttpResponse(
                    HttpVersion.HTTP_1_1, HttpResponseStatus.SWITCHING_PROTOCOLS));
    channel.pipeline().addLast(seen);
    turn();
    assertThat(sent()).containsExactly("HEADERS");
  }

  private void receive(byte[] bytes) {
    connection.writeInbound(Unpooled.wrappedBuffer(bytes));
  }

  private void data(String text) {
    receive(frame(text, false));
  }

  private static byte[] frame(String text, boolean end) {
    return RawHttp2.encode(
        RawHttp2.DATA,
        end ? RawHttp2.END_STREAM : 0,
        STREAM,
        text.getBytes(StandardCharsets.US_ASCII));
  }

  private void reset() {
    receive(RawHttp2.encode(RawHttp2.RST_STREAM, 0, STREAM, number(8)));
  }

  private static byte[] number(int value) {
    return ByteBuffer.allocate(4).putInt(value).array();
  }

  private void open(int bytes) {
    receive(RawHttp2.encode(RawHttp2.WINDOW_UPDATE, 0, 0, number(bytes)));
    receive(RawHttp2.encode(RawHttp2.WINDOW_UPDATE, 0, STREAM, number(bytes)));
  }

  /** Ends the connection, without waiting for its streams. */
  private void drop() {
    connection.unsafe().close(connection.voidPromise());
    turn();
  }

  /** Ends this turn of the event loop. */
  private void turn() {
    connection.runPendingTasks();
  }

  private void read() {
    channel.read();
    turn();
  }

  private ChannelFuture write(int bytes) {
    ChannelFuture done = channel.writeAndFlush(Unpooled.directBuffer(bytes).writeZero(bytes));
    turn();
    return done;
  }

  /** The frames of the stream since the last call. */
  private List<String> sent() {
    turn();
    ByteBuf all = Unpooled.buffer();
    for (ByteBuf part = connection.readOutbound(); part != null; ) {
      all.writeBytes(part);
      part.release();
      part = connection.readOutbound();
    }
    List<String> frames = new ArrayList<>();
    while (all.isReadable()) {
      int length = all.readMedium();
      int type = all.readByte();
      String end = all.readByte() == RawHttp2.END_STREAM ? "." : "";
      int stream = all.readInt();
      ByteBuf payload = all.readSlice(length);
      if (stream == STREAM) {
        frames.add(
            switch (type) {
              case RawHttp2.DATA -> length + end;
              case RawHttp2.RST_STREAM -> Http2Error.valueOf(payload.readInt()).name();
              case RawHttp2.WINDOW_UPDATE -> "window";
              case RawHttp2.HEADERS -> "HEADERS" + end;
              default -> "type " + type;
            });
      }
    }
    return frames;
  }

  // ------------------------------------------------------------ what the client sends

  @Test
  void nothing_is_passed_on_before_a_read() {
    tunnel();
    data("one");
    assertThat(seen.events).isEmpty();
  }

  @Test
  void a_read_passes_on_what_came_before_the_tunnel() {
    data(PIECE);
    data(PIECE);
    tunnel();
    read();
    assertThat(seen.events).containsExactly("2000 bytes", "/", "2000 bytes", "/", "complete");
  }

  @Test
  void a_read_awaits_what_comes() {
    tunnel();
    read();
    data("one");
    data("two");
    assertThat(seen.events).containsExactly("one", "/", "complete");
  }

  @Test
  void what_comes_in_one_turn_is_passed_on_together() {
    tunnel();
    read();
    connection.writeInbound(Unpooled.wrappedBuffer(frame(PIECE, false), frame(PIECE, false)));
    assertThat(seen.events).containsExactly("2000 bytes", "/", "2000 bytes", "/", "complete");
  }

  @Test
  void a_read_within_a_piece_passes_nothing_on_within_it() {
    data(PIECE);
    data(PIECE);
    tunnel();
    seen.within = channel::read;
    read();
    assertThat(seen.events).containsExactly("2000 bytes", "/", "2000 bytes", "/", "complete");
    seen.events.clear();
    data("one");
    assertThat(seen.events).containsExactly("one", "/", "complete");
  }

  @Test
  void a_read_within_a_piece_is_not_forgotten() {
    tunnel();
    seen.within = channel::read;
    read();
    data("one");
    data("two");
    assertThat(seen.events).containsExactly("one", "/", "complete", "two", "/", "complete");
  }

  @Test
  void a_read_ends_with_64_kb() {
    for (int i = 0; i < 4; i++) {
      data("a".repeat(16_000));
    }
    data("a".repeat(1_535));
    tunnel();
    read();
    assertThat(seen.events).hasSize(11).startsWith("16000 bytes").endsWith("complete");
  }

  @Test
  void the_window_stays_shut_until_a_read_and_opens_at_once() {
    tunnel();
    for (int i = 0; i < 3; i++) {
      data("a".repeat(16_000));
    }
    assertThat(sent()).isEmpty();
    read();
    assertThat(sent()).containsExactly("window");
  }

  @Test
  void what_nobody_reads_counts_as_the_clients() {
    tunnel();
    data("a".repeat(16_000));
    Http2ClientConnection carrier = connection.pipeline().get(Http2ClientConnection.class);
    assertThat(carrier.undecoded()).isEqualTo(16_000);
    read();
    assertThat(carrier.undecoded()).isZero();
  }

  @Test
  void the_end_follows_the_last_bytes() {
    tunnel();
    receive(frame("one", true));
    assertThat(seen.events).isEmpty();
    read();
    assertThat(seen.events).containsExactly("one", "/", "complete", "end");
    assertThat(channel.isActive()).isTrue();
  }

  @Test
  void trailers_are_an_end() {
    tunnel();
    read();
    receive(
        RawHttp2.encode(
            RawHttp2.HEADERS,
            RawHttp2.END_HEADERS | RawHttp2.END_STREAM,
            STREAM,
            RawHttp2.block("x-t: y")));
    assertThat(seen.events).containsExactly("complete", "end");
  }

  // ------------------------------------------------------------ what is written

  @Test
  void bytes_leave_as_data() {
    tunnel();
    ChannelFuture done = write(5);
    assertThat(sent()).containsExactly("5");
    assertThat(done.isSuccess()).isTrue();
  }

  @Test
  void pieces_leave_in_their_order_and_in_frames_as_large_as_the_client_takes() {
    tunnel();
    channel.write(Unpooled.wrappedBuffer(new byte[5]));
    channel.write(Unpooled.EMPTY_BUFFER);
    channel.write(Unpooled.wrappedBuffer(new byte[20_000]));
    assertThat(sent()).isEmpty();
    channel.flush();
    assertThat(sent()).containsExactly("5", "16384", "3616");
  }

  @Test
  void what_exceeds_the_window_waits_for_it() {
    tunnel();
    ChannelFuture first = write(WINDOW);
    ChannelFuture second = write(7);
    ChannelFuture nothing = write(0);
    assertThat(sent()).last().isEqualTo("16383");
    assertThat(first.isDone()).isTrue();
    assertThat(second.isDone()).isFalse();
    assertThat(nothing.isDone()).as("behind what waits").isFalse();
    open(100);
    assertThat(sent()).containsExactly("7");
    assertThat(nothing.isSuccess()).isTrue();
  }

  @Test
  void a_tunnel_whose_client_does_not_read_is_full_until_it_does() {
    tunnel();
    write(WINDOW);
    assertThat(seen.events).containsExactly("full", "writable");
    seen.events.clear();
    write(60_000);
    assertThat(seen.events).isEmpty();
    write(10_000);
    assertThat(seen.events).containsExactly("full");
    open(60_000);
    assertThat(seen.events).containsExactly("full", "writable");
  }

  @Test
  void what_waits_counts_as_the_clients() {
    tunnel();
    write(WINDOW);
    assertThat(frontend.connections().memory().held()).isZero();
    write(40_000);
    assertThat(frontend.connections().memory().held()).isBetween(40_000L, 41_000L);
    open(40_000);
    assertThat(frontend.connections().memory().held()).isZero();
  }

  @Test
  void a_small_part_of_a_large_buffer_does_not_keep_it() {
    tunnel();
    write(WINDOW);
    ByteBuf large = Unpooled.directBuffer(10_000).writeZero(10_000);
    channel.writeAndFlush(large.readRetainedSlice(10));
    large.release();
    turn();
    assertThat(large.refCnt()).isZero();
  }

  @Test
  void nothing_but_bytes_can_be_written() {
    tunnel();
    assertThat(channel.writeAndFlush("text").cause())
        .isInstanceOf(UnsupportedOperationException.class);
    assertThat(channel.isActive()).isTrue();
  }

  // ------------------------------------------------------------ ends

  @Test
  void the_end_of_our_direction_leaves_the_other_open() {
    tunnel();
    channel.shutOutput();
    assertThat(sent()).containsExactly("0.");
    read();
    data("one");
    assertThat(seen.events).containsExactly("one", "/", "complete");
  }

  @Test
  void who_writes_behind_that_end_is_closed() {
    tunnel();
    channel.shutOutput();
    assertThat(write(1).isSuccess()).isFalse();
    assertThat(seen.events).containsExactly("closed");
    assertThat(sent()).containsExactly("0.", "CANCEL");
  }

  @Test
  void a_close_ends_our_direction_and_refuses_the_rest() {
    tunnel();
    channel.close();
    assertThat(sent()).containsExactly("0.", "NO_ERROR");
    assertThat(seen.events).containsExactly("closed");
  }

  @Test
  void a_close_after_the_clients_end_resets_nothing() {
    tunnel();
    read();
    receive(frame("", true));
    channel.close();
    assertThat(sent()).containsExactly("0.");
    assertThat(seen.events).containsExactly("complete", "end", "closed");
  }

  @Test
  void a_close_with_bytes_that_wait_resets_the_stream() {
    tunnel();
    write(WINDOW);
    ChannelFuture waiting = write(7);
    sent();
    channel.close();
    assertThat(sent()).containsExactly("CANCEL");
    assertThat(waiting.isSuccess()).isFalse();
  }

  @Test
  void a_close_after_the_last_bytes_have_left_ends_what_they_were() {
    tunnel();
    write(WINDOW);
    write(7);
    ChannelFuture last = write(0);
    last.addListener(done -> channel.close());
    sent();
    open(100);
    assertThat(sent()).containsExactly("7", "0.", "NO_ERROR");
  }

  @Test
  void a_reset_cancels_the_stream() {
    tunnel();
    channel.reset();
    assertThat(sent()).containsExactly("CANCEL");
    assertThat(seen.events).containsExactly("closed");
  }

  @Test
  void a_reset_that_loses_bytes_says_no_end_behind_them() {
    tunnel();
    write(WINDOW);
    write(7);
    write(0).addListener(done -> channel.shutOutput());
    sent();
    channel.reset();
    assertThat(sent()).containsExactly("CANCEL");
  }

  @Test
  void a_reset_after_the_end_of_our_direction_cancels_the_other() {
    tunnel();
    channel.shutOutput();
    channel.reset();
    assertThat(sent()).containsExactly("0.", "CANCEL");
  }

  @Test
  void what_comes_after_a_close_is_dropped() {
    tunnel();
    read();
    channel.close();
    data("one");
    assertThat(seen.events).containsExactly("closed");
  }

  @Test
  void a_client_that_resets_the_stream_closes_the_channel_and_gets_no_reset() {
    tunnel();
    data("one");
    ChannelFuture waiting = write(WINDOW + 1);
    sent();
    reset();
    assertThat(sent()).isEmpty();
    assertThat(seen.events).containsSubsequence("closed").doesNotContain("one");
    assertThat(waiting.isSuccess()).isFalse();
    assertThat(channel.isActive()).isFalse();
  }

  @Test
  void the_end_of_the_connection_closes_the_channel() {
    tunnel();
    data("one");
    drop();
    assertThat(seen.events).containsExactly("closed");
  }

  @Test
  void what_came_before_both_ends_is_still_read() {
    tunnel();
    receive(frame("one", true));
    channel.shutOutput();
    assertThat(sent()).containsExactly("0.");
    read();
    assertThat(seen.events).containsExactly("one", "/", "complete", "end", "closed");
  }

  @Test
  void another_frame_behind_the_clients_end_closes_the_channel() {
    tunnel();
    receive(frame("one", true));
    data("two");
    assertThat(sent()).containsExactly("STREAM_CLOSED");
    assertThat(seen.events).containsExactly("closed");
  }
}
