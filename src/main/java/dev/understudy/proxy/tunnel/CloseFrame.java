package dev.understudy.proxy.tunnel;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.ByteBufAllocator;
import java.security.SecureRandom;

/**
 * A WebSocket close frame that we send (RFC 6455 §5.5.1): a code without a reason, as some clients
 * would take a reason for a message of their application.
 */
final class CloseFrame {
  /** 1001: an endpoint is going away (§7.4.1). */
  static final int GOING_AWAY = 1001;

  private static final int FIN_AND_CLOSE = 0x88;
  private static final int MASKED = 0x80;
  private static final int MASK_BYTES = 4;
  private static final int CODE_BYTES = 2;

  /** Random source of masks, which must not be predictable (§10.3). */
  private static final SecureRandom MASKS = new SecureRandom();

  private CloseFrame() {}

  /** A frame as a server sends it: without a mask. */
  static ByteBuf toClient(ByteBufAllocator allocator, int code) {
    return allocator
        .buffer(2 + CODE_BYTES)
        .writeByte(FIN_AND_CLOSE)
        .writeByte(CODE_BYTES)
        .writeShort(code);
  }

  /** A frame as a client sends it: with a random mask (§5.3). */
  static ByteBuf toServer(ByteBufAllocator allocator, int code) {
    byte[] mask = new byte[MASK_BYTES];
    MASKS.nextBytes(mask);
    return allocator
        .buffer(2 + MASK_BYTES + CODE_BYTES)
        .writeByte(FIN_AND_CLOSE)
        .writeByte(MASKED | CODE_BYTES)
        .writeBytes(mask)
        .writeByte(code >> 8 ^ mask[0])
        .writeByte(code ^ mask[1]);
  }
}
