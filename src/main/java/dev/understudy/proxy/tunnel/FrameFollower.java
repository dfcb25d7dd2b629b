package dev.understudy.proxy.tunnel;

import io.netty.buffer.ByteBuf;

/**
 * Follows the frame headers of one direction of a WebSocket (RFC 6455 §5.2), across any chunking
 * and without touching the payload, to find where a close frame may be inserted.
 *
 * <p>Extensions, reserved bits and unknown opcodes do not matter: every frame states its length in
 * the same way. After a length with the top bit set, which §5.2 forbids, no boundary is ever
 * reported again.
 */
final class FrameFollower {
  private static final int FIN = 0x80;
  private static final int OPCODE = 0x0f;
  private static final int FIRST_CONTROL_OPCODE = 0x8;
  private static final int CLOSE_OPCODE = 0x8;
  private static final int MASKED = 0x80;
  private static final int LENGTH = 0x7f;
  private static final int LENGTH_IN_2_BYTES = 126;
  private static final int LENGTH_IN_8_BYTES = 127;
  private static final int MASK_BYTES = 4;

  private int headerSeen;
  private int lengthEnd;
  private int headerEnd;
  private int first;
  private long length;
  private long payloadLeft;
  private boolean fragmented;
  private boolean closePassed;

  /** Follows all readable bytes; the buffer's indices do not change. */
  void follow(ByteBuf data) {
    advance(data, false);
  }

  /**
   * Follows the bytes up to the first point between two messages, which may be the current one.
   *
   * @return the number of readable bytes before that point; all of them if it is not reached
   */
  int followToMessageEnd(ByteBuf data) {
    return advance(data, true);
  }

  /** Whether all frames so far are complete: a control frame may be inserted here (§5.4). */
  boolean betweenFrames() {
    return headerSeen == 0 && payloadLeft == 0;
  }

  /** Whether, besides, no fragmented message is incomplete: nothing is lost by ending here. */
  boolean betweenMessages() {
    return betweenFrames() && !fragmented;
  }

  /** Whether a whole close frame has passed: none may follow it (§5.5.1). */
  boolean closePassed() {
    return closePassed;
  }

  private int advance(ByteBuf data, boolean stopBetweenMessages) {
    int start = data.readerIndex();
    int end = data.writerIndex();
    int at = start;
    while (at < end && !(stopBetweenMessages && betweenMessages())) {
      if (payloadLeft > 0) {
        int step = (int) Math.min(payloadLeft, end - at);
        at += step;
        payloadLeft -= step;
        if (payloadLeft == 0) {
          frameEnded();
        }
      } else {
        header(data.getUnsignedByte(at++));
      }
    }
    return at - start;
  }

  private void header(int octet) {
    if (headerSeen == 0) {
      first = octet;
      headerEnd = 2;
    } else if (headerSeen == 1) {
      lengths(octet);
    } else if (headerSeen < lengthEnd) {
      length = length << 8 | octet;
    }
    headerSeen++;
    if (headerSeen == headerEnd) {
      headerSeen = 0;
      payloadLeft = length < 0 ? Long.MAX_VALUE : length;
      if (payloadLeft == 0) {
        frameEnded();
      }
    }
  }

  private void lengths(int octet) {
    int shortLength = octet & LENGTH;
    lengthEnd =
        2 + (shortLength == LENGTH_IN_8_BYTES ? 8 : shortLength == LENGTH_IN_2_BYTES ? 2 : 0);
    headerEnd = lengthEnd + ((octet & MASKED) != 0 ? MASK_BYTES : 0);
    length = lengthEnd == 2 ? shortLength : 0;
  }

  private void frameEnded() {
    int opcode = first & OPCODE;
    if (opcode < FIRST_CONTROL_OPCODE) {
      fragmented = (first & FIN) == 0;
    } else if (opcode == CLOSE_OPCODE) {
      closePassed = true;
    }
  }
}
