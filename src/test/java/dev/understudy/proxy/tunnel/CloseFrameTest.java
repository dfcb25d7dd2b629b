package dev.understudy.proxy.tunnel;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.ByteBufUtil;
import io.netty.buffer.UnpooledByteBufAllocator;
import java.util.HashSet;
import java.util.Set;
import org.junit.jupiter.api.Test;

/** Close frames of ours, byte for byte. */
class CloseFrameTest {
  private final UnpooledByteBufAllocator allocator = UnpooledByteBufAllocator.DEFAULT;

  @Test
  void towards_a_client_it_has_no_mask() {
    ByteBuf frame = CloseFrame.toClient(allocator, 1012, "bye");
    assertThat(ByteBufUtil.hexDump(frame)).isEqualTo("880503f4" + "627965");
    frame.release();
  }

  @Test
  void towards_a_server_it_is_masked_and_unmasks_to_code_and_reason() {
    ByteBuf frame = CloseFrame.toServer(allocator, 1001, "bye");
    assertThat(frame.readUnsignedByte()).isEqualTo((short) 0x88);
    assertThat(frame.readUnsignedByte()).isEqualTo((short) (0x80 | 5));
    byte[] mask = new byte[4];
    frame.readBytes(mask);
    byte[] payload = new byte[5];
    frame.readBytes(payload);
    for (int i = 0; i < payload.length; i++) {
      payload[i] ^= mask[i % 4];
    }
    assertThat(payload).containsExactly(0x03, 0xe9, 'b', 'y', 'e');
    assertThat(frame.isReadable()).isFalse();
    frame.release();
  }

  @Test
  void masks_differ_from_frame_to_frame() {
    Set<Integer> masks = new HashSet<>();
    for (int i = 0; i < 20; i++) {
      ByteBuf frame = CloseFrame.toServer(allocator, 1001, "");
      masks.add(frame.getInt(2));
      frame.release();
    }
    assertThat(masks).hasSizeGreaterThan(10);
  }

  @Test
  void a_reason_that_no_control_frame_can_carry_is_refused() {
    assertThatThrownBy(() -> CloseFrame.toClient(allocator, 1001, "x".repeat(124)))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageContaining("123");
  }
}
