package dev.understudy.proxy.frontend.http2;

import static org.assertj.core.api.Assertions.assertThat;

import io.netty.buffer.AbstractByteBufAllocator;
import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import io.netty.buffer.UnpooledByteBufAllocator;
import io.netty.channel.ChannelInboundHandlerAdapter;
import io.netty.channel.embedded.EmbeddedChannel;
import io.netty.handler.codec.http2.DefaultHttp2Connection;
import io.netty.handler.codec.http2.DefaultHttp2RemoteFlowController;
import io.netty.handler.codec.http2.Http2Connection;
import io.netty.handler.codec.http2.Http2Exception;
import io.netty.handler.codec.http2.Http2Stream;
import io.netty.handler.codec.http2.UniformStreamByteDistributor;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

class Http2UnsentBodyTest {
  private static final int WINDOW = 65_535;

  private final EmbeddedChannel channel = new EmbeddedChannel(new ChannelInboundHandlerAdapter());
  private final Http2Connection connection = new DefaultHttp2Connection(true);
  private final DefaultHttp2RemoteFlowController flow =
      new DefaultHttp2RemoteFlowController(
          connection, new UniformStreamByteDistributor(connection));
  private final List<String> told = new ArrayList<>();
  private Http2Stream stream;
  private Http2UnsentBody body;

  private final Http2UnsentBody.Owner owner =
      new Http2UnsentBody.Owner() {
        @Override
        public int maxFrame() {
          return 16_384;
        }

        @Override
        public void sent(boolean last) {
          told.add("sent " + last);
        }

        @Override
        public void failed() {
          told.add("failed");
        }

        @Override
        public void less(int bytes) {
          told.add("less " + bytes);
        }
      };

  /** Has no memory. */
  private static final class NoMemory extends AbstractByteBufAllocator {
    @Override
    protected ByteBuf newHeapBuffer(int initial, int max) {
      throw new OutOfMemoryError("none");
    }

    @Override
    protected ByteBuf newDirectBuffer(int initial, int max) {
      throw new OutOfMemoryError("none");
    }

    @Override
    public boolean isDirectBufferPooled() {
      return false;
    }
  }

  @BeforeEach
  void open() throws Http2Exception {
    connection.remote().flowController(flow);
    flow.channelHandlerContext(channel.pipeline().firstContext());
    stream = connection.remote().createStream(1, true);
    body = new Http2UnsentBody(stream, owner);
  }

  @AfterEach
  void close() {
    channel.finishAndReleaseAll();
  }

  private static ByteBuf bytes(int length) {
    return Unpooled.directBuffer(length).writeZero(length);
  }

  /** Writes what may be written. Returns the lengths of the frames, the last with a dot. */
  private List<String> written() throws Http2Exception {
    flow.writePendingBytes();
    channel.flush();
    ByteBuf all = UnpooledByteBufAllocator.DEFAULT.buffer();
    for (ByteBuf part = channel.readOutbound(); part != null; part = channel.readOutbound()) {
      all.writeBytes(part);
      part.release();
    }
    List<String> frames = new ArrayList<>();
    while (all.isReadable()) {
      int length = all.readMedium();
      assertThat(all.readByte()).as("DATA").isZero();
      frames.add(length + (all.readByte() == 1 ? "." : ""));
      assertThat(all.readInt()).isEqualTo(1);
      all.skipBytes(length);
    }
    all.release();
    return frames;
  }

  @Test
  void small_pieces_leave_in_one_frame() throws Http2Exception {
    body.add(bytes(10), flow);
    body.add(bytes(20), flow);
    assertThat(body.endWithLast()).isTrue();
    assertThat(written()).containsExactly("30.");
    assertThat(told).containsExactly("less 30", "sent true");
  }

  /** A piece costs a hundred times its byte: 64 KB of them were 65,536 buffers. */
  @Test
  void small_pieces_that_wait_are_kept_in_few_buffers_in_their_order() throws Exception {
    body.add(bytes(WINDOW), flow);
    assertThat(written()).hasSize(4);
    StringBuilder sent = new StringBuilder();
    int kept = 0;
    for (int i = 0; i < 65_536; i++) {
      char c = (char) ('a' + i % 26);
      sent.append(c);
      ByteBuf piece = Unpooled.directBuffer(1).writeByte(c);
      body.add(piece, flow);
      kept += piece.refCnt();
    }
    assertThat(kept).as("pieces that wait").isLessThanOrEqualTo(1);
    assertThat(body.size()).isEqualTo(65_536);
    for (int i = 0; i < 64; i++) {
      flow.incrementWindowSize(connection.connectionStream(), 1_024);
      flow.incrementWindowSize(stream, 1_024);
      flow.writePendingBytes();
      channel.flush();
    }
    String payloads = payloads();
    assertThat(payloads).hasSize(sent.length());
    assertThat(payloads).isEqualTo(sent.toString());
  }

  private String payloads() {
    ByteBuf all = UnpooledByteBufAllocator.DEFAULT.buffer();
    for (ByteBuf part = channel.readOutbound(); part != null; part = channel.readOutbound()) {
      all.writeBytes(part);
      part.release();
    }
    StringBuilder text = new StringBuilder();
    while (all.isReadable()) {
      int length = all.readMedium();
      all.skipBytes(6);
      text.append(all.readCharSequence(length, StandardCharsets.US_ASCII));
    }
    all.release();
    return text.toString();
  }

  @Test
  void trailers_that_wait_are_counted_until_the_body_is_sent_or_lost() throws Exception {
    body.add(bytes(10), flow);
    body.trailersWait(7);
    assertThat(written()).containsExactly("10");
    assertThat(told).containsExactly("less 10", "less 7", "sent false");
    told.clear();
    body.add(bytes(10), flow);
    body.trailersWait(7);
    stream.close();
    assertThat(told).containsExactly("less 17");
  }

  @Test
  void a_large_piece_leaves_in_frames_as_large_as_the_client_takes() throws Http2Exception {
    body.add(bytes(40_000), flow);
    assertThat(written()).containsExactly("16384", "16384", "7232");
    assertThat(told).endsWith("sent false");
    assertThat(body.endWithLast()).isFalse();
  }

  @Test
  void what_exceeds_the_window_waits_for_it() throws Http2Exception {
    body.add(bytes(WINDOW + 5), flow);
    assertThat(written()).last().isEqualTo("16383");
    assertThat(body.size()).isEqualTo(5);
    body.endWithLast();
    flow.incrementWindowSize(connection.connectionStream(), 100);
    flow.incrementWindowSize(stream, 100);
    assertThat(written()).containsExactly("5.");
  }

  @Test
  void a_stream_that_is_closed_keeps_nothing_and_has_not_failed() {
    ByteBuf data = bytes(10);
    body.add(data, flow);
    stream.close();
    assertThat(data.refCnt()).isZero();
    assertThat(body.isWaiting()).isFalse();
    assertThat(told).containsExactly("less 10");
  }

  @Test
  void a_failure_to_write_is_told_and_nothing_is_kept() throws Http2Exception {
    ByteBuf data = bytes(10);
    body.add(data, flow);
    channel.config().setAllocator(new NoMemory());
    flow.writePendingBytes();
    assertThat(data.refCnt()).isZero();
    assertThat(told).containsExactly("less 10", "failed");
    assertThat(body.endWithLast()).isFalse();
  }
}
