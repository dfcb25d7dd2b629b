package dev.understudy.bench.wire;

import static org.assertj.core.api.Assertions.assertThat;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class FramesTest {
  @ParameterizedTest
  @ValueSource(ints = {0, 1, 3, 4, 125, 126, 1_001, 65_535})
  void what_was_masked_comes_back_plain_and_four_bytes_shorter(int payload) {
    ByteBuf masked = Unpooled.buffer();
    Frames.writeMasked(masked, payload);
    assertThat(Frames.length(masked)).isEqualTo(masked.readableBytes());

    ByteBuf plain = Unpooled.buffer();
    int length = masked.readableBytes();
    Frames.unmask(masked, plain);

    assertThat(masked.isReadable()).isFalse();
    assertThat(Frames.length(plain)).isEqualTo(length - 4).isEqualTo(plain.readableBytes());
    plain.skipBytes(plain.readableBytes() - payload);
    for (int i = 0; i < payload; i++) {
      assertThat(plain.readByte()).isEqualTo((byte) i);
    }
  }

  @ParameterizedTest
  @ValueSource(ints = {0, 1})
  void a_length_cannot_be_told_from_less_than_two_bytes(int bytes) {
    assertThat(Frames.length(Unpooled.buffer().writeZero(bytes))).isEqualTo(-1);
  }
}
