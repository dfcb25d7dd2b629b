package dev.understudy.proxy.tunnel;

import static org.assertj.core.api.Assertions.assertThat;

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
    ByteBuf frame = CloseFrame.toClient(allocator, 1012);
    assertThat(ByteBufUtil.hexDump(frame)).isEqualTo("880203f4");
    frame.release();
  }

  @Test
  void towards_a_server_it_is_masked_and_unmasks_to_the_code() {
    ByteBuf frame = CloseFrame.toServer(allocator, 1001);
    assertThat(frame.readUnsignedByte()).isEqualTo((short) 0x88);
    assertThat(frame.readUnsignedByte()).isEqualTo((short) (0x80 | 2));
    byte[] mask = new byte[4];
    frame.readBytes(mask);
    byte[] payload = new byte[2];
    frame.readBytes(payload);
    for (int i = 0; i < payload.length; i++) {
      payload[i] ^= mask[i % 4];
    }
    assertThat(payload).containsExactly(0x03, 0xe9);
    assertThat(frame.isReadable()).isFalse();
    frame.release();
  }

  @Test
  void masks_differ_from_frame_to_frame() {
    Set<Integer> masks = new HashSet<>();
    for (int i = 0; i < 20; i++) {
      ByteBuf frame = CloseFrame.toServer(allocator, 1001);
      masks.add(frame.getInt(2));
      frame.release();
    }
    assertThat(masks).hasSizeGreaterThan(10);
  }
}
