package dev.understudy.probe;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import java.nio.charset.StandardCharsets;
import org.jspecify.annotations.Nullable;

/**
 * The two messages of gRPC's health service ({@code grpc/health/v1/health.proto}), each framed as
 * gRPC frames messages over HTTP/2: a byte for compression, a length in four bytes, the message in
 * protocol buffers.
 */
final class GrpcHealth {
  /** {@code HealthCheckResponse.ServingStatus}. */
  private static final String[] STATUSES = {"UNKNOWN", "SERVING", "NOT_SERVING", "SERVICE_UNKNOWN"};

  static final int SERVING = 1;

  private static final int FRAME_HEADER = 5;
  private static final int SERVICE = 1 << 3 | 2;
  private static final int STATUS = 1 << 3;

  private GrpcHealth() {}

  /**
   * A {@code HealthCheckRequest}.
   *
   * @param service at most 127 ASCII characters, so that its length takes one byte
   */
  static ByteBuf request(@Nullable String service) {
    if (service == null) {
      return Unpooled.wrappedBuffer(new byte[FRAME_HEADER]);
    }
    byte[] name = service.getBytes(StandardCharsets.US_ASCII);
    return Unpooled.buffer(FRAME_HEADER + 2 + name.length)
        .writeByte(0)
        .writeInt(2 + name.length)
        .writeByte(SERVICE)
        .writeByte(name.length)
        .writeBytes(name);
  }

  /**
   * The status in a {@code HealthCheckResponse}, which is all that was received.
   *
   * @return 0, as protocol buffers define it, if the message has no status; -1 if the bytes are no
   *     such message
   */
  static long status(ByteBuf received) {
    ByteBuf in = received.duplicate();
    if (in.readableBytes() < FRAME_HEADER
        || in.readByte() != 0
        || in.readUnsignedInt() != in.readableBytes()) {
      return -1;
    }
    long status = 0;
    try {
      while (in.isReadable()) {
        long tag = number(in);
        if (tag == STATUS) {
          status = number(in);
        } else {
          skip(in, (int) tag & 7);
        }
      }
    } catch (IndexOutOfBoundsException | IllegalArgumentException e) {
      return -1;
    }
    return status < 0 ? -1 : status;
  }

  /** A base 128 varint. */
  private static long number(ByteBuf in) {
    long number = 0;
    for (int shift = 0; shift < Long.SIZE; shift += 7) {
      byte next = in.readByte();
      number |= (next & 0x7fL) << shift;
      if (next >= 0) {
        return number;
      }
    }
    throw new IllegalArgumentException("a number of more than 64 bits");
  }

  /** Skips the value of a field that a later version of the message may have. */
  private static void skip(ByteBuf in, int wireType) {
    switch (wireType) {
      case 0 -> {
        var unused = number(in);
      }
      case 1 -> in.skipBytes(Long.BYTES);
      case 2 -> {
        long length = number(in);
        if (length < 0 || length > in.readableBytes()) {
          throw new IllegalArgumentException("a field longer than its message");
        }
        in.skipBytes((int) length);
      }
      case 5 -> in.skipBytes(Integer.BYTES);
      default -> throw new IllegalArgumentException("an unknown kind of field");
    }
  }

  /** The name of a status. */
  static String name(long status) {
    return status < STATUSES.length ? STATUSES[(int) status] : "status " + status;
  }
}
