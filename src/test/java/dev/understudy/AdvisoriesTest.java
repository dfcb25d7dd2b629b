package dev.understudy;

import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.ByteBufAllocator;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;

/**
 * What is so of a library below us, by its published advisories, and shows at no request. The
 * statement on each advisory, which names its tests, is in {@code
 * deploy/security/understudy.openvex.json}.
 */
class AdvisoriesTest {
  /** Some of Netty's buffers without a pool did not; those of connections are others. */
  @Test
  void buffers_of_connections_check_their_bounds() {
    ByteBuf buffer = ByteBufAllocator.DEFAULT.ioBuffer(4, 4);
    try {
      Stream.<Runnable>of(
              () -> buffer.getByte(4),
              () -> buffer.getShort(3),
              () -> buffer.getUnsignedMedium(2),
              () -> buffer.getInt(1),
              () -> buffer.getLong(0),
              () -> buffer.getIntLE(1),
              () -> buffer.asReadOnly().getInt(1))
          .forEach(
              read -> assertThatThrownBy(read::run).isInstanceOf(IndexOutOfBoundsException.class));
    } finally {
      buffer.release();
    }
  }
}
