package dev.understudy.proxy.tunnel;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.ByteBufAllocator;
import java.nio.charset.StandardCharsets;
import java.security.SecureRandom;

/** A WebSocket close frame of ours (RFC 6455 §5.5.1). */
final class CloseFrame {
  /** An endpoint is going away (§7.4.1). */
  static final int GOING_AWAY = 1001;

  /** The service restarts: connect again (IANA WebSocket Close Code Number Registry). */
  static final int SERVICE_RESTART = 1012;

  /** A control frame has at most 125 bytes of payload (§5.5), two of them the code. */
  static final int MAX_REASON_BYTES = 123;

  private static final int FIN_AND_CLOSE = 0x88;
  private static final int MASKED = 0x80;
  private static final int MASK_BYTES = 4;

  /** A mask must not be predictable (§10.3). */
  private static final SecureRandom MASKS = new SecureRandom();

  private CloseFrame() {}

  /** As a server sends it: without a mask. */
  static ByteBuf toClient(ByteBufAllocator allocator, int code, String reason) {
    byte[] payload = payload(code, reason);
    return allocator
        .buffer(2 + payload.length)
        .writeByte(FIN_AND_CLOSE)
        .writeByte(payload.length)
        .writeBytes(payload);
  }

  /** As a client sends it: with a random mask (§5.3). */
  static ByteBuf toServer(ByteBufAllocator allocator, int code, String reason) {
    byte[] payload = payload(code, reason);
    byte[] mask = new byte[MASK_BYTES];
    MASKS.nextBytes(mask);
    for (int i = 0; i < payload.length; i++) {
      payload[i] ^= mask[i % MASK_BYTES];
    }
    return allocator
        .buffer(2 + MASK_BYTES + payload.length)
        .writeByte(FIN_AND_CLOSE)
        .writeByte(MASKED | payload.length)
        .writeBytes(mask)
        .writeBytes(payload);
  }

  private static byte[] payload(int code, String reason) {
    byte[] text = reason.getBytes(StandardCharsets.UTF_8);
    if (text.length > MAX_REASON_BYTES) {
      throw new IllegalArgumentException(
          "expected a reason of at most " + MAX_REASON_BYTES + " bytes, found " + text.length);
    }
    byte[] payload = new byte[2 + text.length];
    payload[0] = (byte) (code >> 8);
    payload[1] = (byte) code;
    System.arraycopy(text, 0, payload, 2, text.length);
    return payload;
  }
}
