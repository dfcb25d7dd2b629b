package dev.understudy.proxy.flowcontrol;

import static org.assertj.core.api.Assertions.assertThat;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import io.netty.channel.Channel;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelInboundHandlerAdapter;
import io.netty.channel.ChannelInitializer;
import io.netty.channel.DefaultChannelId;
import io.netty.channel.embedded.EmbeddedChannel;
import io.netty.channel.local.LocalServerChannel;
import io.netty.handler.codec.http2.Http2Connection;
import io.netty.handler.codec.http2.Http2DataFrame;
import io.netty.handler.codec.http2.Http2FrameCodec;
import io.netty.handler.codec.http2.Http2FrameCodecBuilder;
import io.netty.handler.codec.http2.Http2HeadersFrame;
import io.netty.handler.codec.http2.Http2MultiplexHandler;
import io.netty.handler.codec.http2.Http2ResetFrame;
import io.netty.util.ReferenceCountUtil;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

class UnreadDataJoinerTest {
  private static final int DATA = 0;
  private static final int HEADERS = 1;
  private static final int RST_STREAM = 3;
  private static final int END_STREAM = 1;
  private static final int END_HEADERS = 4;
  private static final int PADDED = 8;

  private final Http2FrameCodec codec = Http2FrameCodecBuilder.forServer().build();
  private final Http2Connection connection = codec.connection();
  private final List<String> seen = new ArrayList<>();
  private EmbeddedChannel channel;
  private Channel stream;

  @BeforeEach
  void begin() {
    AdaptiveFlowController.install(codec, 1, new WindowBudget(1 << 20), System::nanoTime);
    channel =
        new EmbeddedChannel(
            new LocalServerChannel(), // else the multiplexer takes it for a client's
            DefaultChannelId.newInstance(),
            true,
            false,
            codec,
            new Http2MultiplexHandler(
                new ChannelInitializer<Channel>() {
                  @Override
                  protected void initChannel(Channel made) {
                    made.config().setAutoRead(false);
                    made.pipeline().addLast(new Reader());
                    stream = made;
                  }
                }));
    ByteBuf first = Unpooled.buffer();
    first.writeCharSequence("PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n", StandardCharsets.US_ASCII);
    frame(first, 4, 0, 0, "");
    frame(
        first,
        HEADERS,
        END_HEADERS,
        1,
        field(":method", "POST") + field(":scheme", "http") + field(":path", "/"));
    channel.writeInbound(first);
    read();
    seen.clear();
  }

  @AfterEach
  void end() {
    stream.close();
    channel.finishAndReleaseAll();
  }

  private final class Reader extends ChannelInboundHandlerAdapter {
    @Override
    public void channelRead(ChannelHandlerContext ctx, Object msg) {
      if (msg instanceof Http2DataFrame data) {
        seen.add(data.content().readableBytes() + (data.isEndStream() ? " end" : ""));
      } else if (msg instanceof Http2HeadersFrame) {
        seen.add("trailers");
      }
      ReferenceCountUtil.release(msg);
    }

    @Override
    public void userEventTriggered(ChannelHandlerContext ctx, Object event) {
      if (event instanceof Http2ResetFrame) {
        seen.add("reset");
      }
      ReferenceCountUtil.release(event);
    }
  }

  private static String field(String name, String value) {
    return "\0" + (char) name.length() + name + (char) value.length() + value;
  }

  private static void frame(ByteBuf to, int type, int flags, int stream, String payload) {
    to.writeMedium(payload.length()).writeByte(type).writeByte(flags).writeInt(stream);
    to.writeCharSequence(payload, StandardCharsets.ISO_8859_1);
  }

  private void frame(int type, int flags, String payload) {
    ByteBuf one = Unpooled.buffer();
    frame(one, type, flags, 1, payload);
    channel.writeInbound(one);
  }

  private void data(int frames, int bytes) {
    for (int i = 0; i < frames; i++) {
      frame(DATA, 0, "x".repeat(bytes));
    }
  }

  /** Reads once, which takes up to 16 messages, and what follows without another read. */
  private void read() {
    stream.read();
    channel.runPendingTasks();
  }

  private void readAll() {
    int before;
    do {
      before = seen.size();
      read();
    } while (seen.size() > before);
  }

  private int unread() {
    return connection.local().flowController().unconsumedBytes(connection.connectionStream());
  }

  @Test
  void frames_of_one_byte_that_nobody_reads_become_few_of_a_kilobyte() {
    data(60_000, 1);
    readAll();
    assertThat(seen.stream().mapToInt(Integer::parseInt).sum()).isEqualTo(60_000);
    assertThat(seen).hasSizeLessThan(62);
    assertThat(unread()).isZero();
  }

  @Test
  void a_frame_reaches_who_waits_for_it_at_once() {
    read();
    data(1, 3);
    assertThat(seen).containsExactly("3");
  }

  @Test
  void the_joined_rest_reaches_who_has_read_what_came_before() {
    data(3, 10);
    read();
    assertThat(seen).containsExactly("10");
    read();
    assertThat(seen).containsExactly("10", "20");
    data(1, 10);
    assertThat(seen).containsExactly("10", "20");
    read();
    assertThat(seen).containsExactly("10", "20", "10");
  }

  @Test
  void larger_frames_keep_their_place_among_small_ones() {
    data(2, 10);
    data(1, 2000);
    data(2, 10);
    readAll();
    assertThat(seen).containsExactly("10", "10", "2000", "20");
  }

  @Test
  void the_end_comes_with_what_is_joined() {
    data(3, 10);
    frame(DATA, END_STREAM, "xx");
    readAll();
    assertThat(seen).containsExactly("10", "22 end");
  }

  @Test
  void an_end_without_data_comes_after_what_is_joined() {
    data(3, 10);
    frame(DATA, END_STREAM, "");
    readAll();
    assertThat(seen).containsExactly("10", "20 end");
  }

  @Test
  void trailers_come_after_what_is_joined() {
    data(3, 10);
    frame(HEADERS, END_HEADERS | END_STREAM, field("a", "b"));
    readAll();
    assertThat(seen).containsExactly("10", "20", "trailers");
  }

  @Test
  void padding_is_given_back_at_once() {
    for (int i = 0; i < 5; i++) {
      frame(DATA, PADDED, (char) 3 + "x" + "\0\0\0");
    }
    assertThat(unread()).isEqualTo(1 + 4 + 4);
    readAll();
    assertThat(seen).containsExactly("1", "4");
    assertThat(unread()).isZero();
  }

  @Test
  void what_is_joined_outlives_a_reset() {
    data(3, 10);
    frame(RST_STREAM, 0, "\0\0\0\b");
    readAll();
    assertThat(seen).containsExactly("reset", "10", "20");
    assertThat(unread()).isZero();
  }

  @Test
  void what_is_joined_outlives_the_connection() {
    data(3, 10);
    channel.close();
    readAll();
    assertThat(seen).containsExactly("10", "20");
    assertThat(stream.isActive()).isFalse();
  }

  @Test
  void what_is_joined_reaches_who_waits_for_it_at_the_connections_end() {
    data(2, 10);
    stream.read();
    stream.read(); // The task that passes the rest on has not run.
    channel.close();
    assertThat(seen).containsExactly("10", "10");
  }

  @Test
  void a_reset_from_here_releases_what_is_joined() {
    data(3, 10);
    stream.close();
    readAll();
    assertThat(seen).isEmpty();
    assertThat(unread()).isZero();
  }
}
