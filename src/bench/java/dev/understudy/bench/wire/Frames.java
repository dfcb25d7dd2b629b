package dev.understudy.bench.wire;

import io.netty.buffer.ByteBuf;

/** WebSocket frames (RFC 6455 5.2). */
public final class Frames {
  private static final int SHORT = 126;
  private static final int MASKED = 0x80;
  private static final int KEY_BYTES = 4;

  /** Any would do. */
  private static final int KEY = 0x5eed_cafe;

  /** Binary, final. */
  private static final int BINARY = 0x82;

  private Frames() {}

  /** The whole length of the frame at the reader index; -1 if it is not known yet. */
  public static int length(ByteBuf in) {
    if (in.readableBytes() < 2) {
      return -1;
    }
    int start = in.readerIndex();
    int second = in.getUnsignedByte(start + 1);
    int key = (second & MASKED) == 0 ? 0 : KEY_BYTES;
    int payload = second & 0x7f;
    if (payload < SHORT) {
      return 2 + key + payload;
    }
    if (payload > SHORT) {
      throw new IllegalStateException("a frame of more than 64 KB");
    }
    return in.readableBytes() < 4 ? -1 : 4 + key + in.getUnsignedShort(start + 2);
  }

  /** Writes the masked frame at the reader index of {@code in} to {@code out}, unmasked. */
  public static void unmask(ByteBuf in, ByteBuf out) {
    out.writeByte(in.readByte());
    int payload = in.readUnsignedByte() & 0x7f;
    out.writeByte(payload);
    if (payload == SHORT) {
      payload = in.readUnsignedShort();
      out.writeShort(payload);
    }
    int key = in.readInt();
    for (; payload >= Integer.BYTES; payload -= Integer.BYTES) {
      out.writeInt(in.readInt() ^ key);
    }
    for (int shift = 24; payload > 0; payload--, shift -= 8) {
      out.writeByte(in.readByte() ^ key >>> shift);
    }
  }

  /** Writes a masked frame of so many bytes of payload: 0, 1, 2, and so on. */
  public static void writeMasked(ByteBuf out, int payload) {
    out.writeByte(BINARY);
    if (payload < SHORT) {
      out.writeByte(MASKED | payload);
    } else {
      out.writeByte(MASKED | SHORT).writeShort(payload);
    }
    out.writeInt(KEY);
    for (int i = 0; i < payload; i++) {
      out.writeByte(i ^ KEY >>> 24 - 8 * (i % KEY_BYTES));
    }
  }
}
