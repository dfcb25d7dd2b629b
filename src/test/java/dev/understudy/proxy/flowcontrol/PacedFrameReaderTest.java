package dev.understudy.proxy.flowcontrol;

import static org.assertj.core.api.Assertions.assertThat;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import io.netty.channel.Channel;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelInboundHandlerAdapter;
import io.netty.channel.embedded.EmbeddedChannel;
import io.netty.handler.codec.http2.DefaultHttp2FrameReader;
import io.netty.handler.codec.http2.Http2Exception;
import io.netty.handler.codec.http2.Http2FrameAdapter;
import io.netty.util.ReferenceCountUtil;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

class PacedFrameReaderTest {
  private static final int DATA = 0;
  private static final int PING = 6;
  private static final int END_STREAM = 1;
  private static final int PADDED = 8;

  private final PacedFrameReader reader = new PacedFrameReader(new DefaultHttp2FrameReader());
  private final List<String> seen = new ArrayList<>();
  private final ByteBuf bytes = Unpooled.buffer();

  /** Stands for the codec. */
  private final EmbeddedChannel channel =
      new EmbeddedChannel(
          new ChannelInboundHandlerAdapter() {
            @Override
            public void channelRead(ChannelHandlerContext ctx, Object msg) throws Http2Exception {
              bytes.writeBytes((ByteBuf) msg);
              ReferenceCountUtil.release(msg);
              read(ctx);
            }

            @Override
            public void channelReadComplete(ChannelHandlerContext ctx) {
              if (!reader.isWaiting()) {
                reader.turnOver();
              }
            }

            @Override
            public void channelInactive(ChannelHandlerContext ctx) throws Http2Exception {
              read(ctx);
            }
          });

  private void read(ChannelHandlerContext ctx) throws Http2Exception {
    reader.readFrame(
        ctx,
        bytes,
        new Http2FrameAdapter() {
          @Override
          public int onDataRead(
              ChannelHandlerContext ctx, int id, ByteBuf data, int padding, boolean end) {
            seen.add(id + ":" + data.toString(StandardCharsets.US_ASCII) + (end ? "." : ""));
            return 0;
          }

          @Override
          public void onPingRead(ChannelHandlerContext ctx, long data) {
            seen.add("ping");
          }
        });
  }

  @AfterEach
  void end() {
    channel.finishAndReleaseAll();
    bytes.release();
  }

  private static ByteBuf frame(int type, int flags, int stream, String payload) {
    ByteBuf one = Unpooled.buffer();
    one.writeMedium(payload.length()).writeByte(type).writeByte(flags).writeInt(stream);
    one.writeCharSequence(payload, StandardCharsets.US_ASCII);
    return one;
  }

  private static ByteBuf data(int stream, String payload) {
    return frame(DATA, 0, stream, payload);
  }

  private void receive(ByteBuf... frames) {
    channel.writeInbound(Unpooled.wrappedBuffer(frames));
  }

  /** Whether the channel, of a socket, would be read now. */
  private boolean reads() {
    Channel socket = channel;
    return socket.config().isAutoRead();
  }

  @Test
  void small_frames_of_one_stream_that_follow_one_another_become_one() {
    String large = "x".repeat(20);
    receive(data(1, "a"), data(1, "b"), data(1, large), data(1, "c"));
    assertThat(seen).containsExactly("1:ab" + large + "c");
  }

  @Test
  void frames_of_other_streams_of_other_types_and_with_flags_keep_their_places() {
    receive(
        data(1, "a"),
        data(1, "b"),
        data(3, "c"),
        data(1, "d"),
        frame(PING, 0, 0, "12345678"),
        data(1, "e"),
        frame(DATA, PADDED, 1, "\1fp"),
        data(1, "g"),
        data(1, ""),
        data(1, "h"),
        frame(DATA, END_STREAM, 1, "i"));
    assertThat(seen)
        .containsExactly("1:ab", "3:c", "1:d", "ping", "1:e", "1:f", "1:g", "1:", "1:h", "1:i.");
  }

  @Test
  void a_frame_that_is_not_whole_waits_for_its_rest() {
    ByteBuf all = Unpooled.wrappedBuffer(data(1, "a"), data(1, "bcd"), data(1, "e"));
    ByteBuf part = all.readBytes(21);
    channel.writeInbound(part);
    assertThat(seen).containsExactly("1:a");
    channel.writeInbound(all);
    assertThat(seen).containsExactly("1:a", "1:bcde");
  }

  @Test
  void joined_frames_are_no_larger_than_the_largest_that_is_allowed() {
    ByteBuf all = Unpooled.buffer();
    for (int i = 0; i < 40; i++) {
      ByteBuf one = data(1, "x".repeat(1000));
      all.writeBytes(one);
      one.release();
    }
    channel.writeInbound(all);
    assertThat(seen).extracting(each -> each.length() - 2).containsExactly(16_000, 16_000, 8_000);
  }

  private static ByteBuf alternating(int frames) {
    ByteBuf all = Unpooled.buffer();
    for (int i = 0; i < frames; i++) {
      ByteBuf one = data(1 + 2 * (i % 2), "x");
      all.writeBytes(one);
      one.release();
    }
    return all;
  }

  private void nextTurn() {
    channel.advanceTimeBy(1, TimeUnit.NANOSECONDS);
    channel.runScheduledPendingTasks();
  }

  @Test
  void a_turn_has_so_many_frames_and_nothing_is_read_until_the_rest_has_come() {
    channel.freezeTime();
    channel.writeInbound(alternating(2 * PacedFrameReader.MOST + 1));
    assertThat(seen).hasSize(PacedFrameReader.MOST);
    assertThat(reads()).isFalse();
    receive(data(3, "y"));
    assertThat(seen).hasSize(PacedFrameReader.MOST);
    nextTurn();
    assertThat(seen).hasSize(2 * PacedFrameReader.MOST);
    assertThat(reads()).isFalse();
    nextTurn();
    assertThat(seen).hasSize(2 * PacedFrameReader.MOST + 2);
    assertThat(reads()).isTrue();
  }

  @Test
  void each_turn_has_as_many() {
    for (int i = 1; i <= 3; i++) {
      channel.writeInbound(alternating(PacedFrameReader.MOST));
      assertThat(seen).hasSize(i * PacedFrameReader.MOST);
      assertThat(reads()).isTrue();
    }
  }

  @Test
  void what_came_before_the_end_of_the_connection_is_read() {
    channel.freezeTime();
    channel.writeInbound(alternating(3 * PacedFrameReader.MOST));
    channel.close();
    assertThat(seen).hasSize(3 * PacedFrameReader.MOST);
  }
}
