package dev.understudy.proxy.gateway;

import static org.assertj.core.api.Assertions.assertThat;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.ByteBufAllocator;
import io.netty.channel.embedded.EmbeddedChannel;
import java.nio.charset.StandardCharsets;
import java.util.concurrent.atomic.AtomicLong;
import org.junit.jupiter.api.Test;
import org.springframework.core.io.buffer.DataBuffer;
import org.springframework.core.io.buffer.DataBufferUtils;

/** What the engine gives of a body before anybody asks for it. */
class GatewayResponseBodyTest {
  private final AtomicLong counted = new AtomicLong();
  private final GatewayResponseBody body =
      new GatewayResponseBody(
          new EmbeddedChannel().eventLoop(),
          LaneResponse.BUFFERS,
          () -> {},
          () -> {},
          counted::addAndGet);

  private static ByteBuf piece(String text) {
    return ByteBufAllocator.DEFAULT.buffer().writeBytes(text.getBytes(StandardCharsets.US_ASCII));
  }

  @Test
  void small_pieces_wait_in_one_buffer_that_counts() {
    for (int i = 0; i < 1000; i++) {
      body.add(piece(String.valueOf(i % 10)));
    }
    assertThat(counted).hasValue(1000);
    body.end();
    assertThat(body.isWhole()).isTrue();
    DataBuffer all = body.whole().block();
    assertThat(all.toString(StandardCharsets.US_ASCII)).isEqualTo("0123456789".repeat(100));
    assertThat(counted).hasValue(0);
    DataBufferUtils.release(all);
  }

  @Test
  void what_waits_for_nobody_is_freed_and_counts_no_more() {
    body.add(piece("a"));
    body.add(piece("b"));
    body.discard();
    assertThat(counted).hasValue(0);
  }
}
