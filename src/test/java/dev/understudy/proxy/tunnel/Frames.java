package dev.understudy.proxy.tunnel;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;

/** A stream of random frames that knows its boundaries, computed apart from the follower. */
record Frames(byte[] bytes, List<Integer> ends, List<Integer> messageEnds, int closed) {
  /** With close frames among them. */
  static Frames random(Random random, int count) {
    return random(random, count, 16);
  }

  /** With opcodes below that only. */
  static Frames random(Random random, int count, int opcodes) {
    ByteBuf out = Unpooled.buffer();
    List<Integer> ends = new ArrayList<>(List.of(0));
    List<Integer> messageEnds = new ArrayList<>(List.of(0));
    boolean fragmented = false;
    int closed = Integer.MAX_VALUE;
    for (int i = 0; i < count; i++) {
      int opcode = random.nextInt(opcodes);
      boolean fin = random.nextBoolean();
      out.writeByte((fin ? 0x80 : 0) | random.nextInt(8) << 4 | opcode);
      writeLength(out, random);
      ends.add(out.writerIndex());
      if (opcode < 8) {
        fragmented = !fin;
      } else if (opcode == 8 && closed == Integer.MAX_VALUE) {
        closed = out.writerIndex();
      }
      if (!fragmented) {
        messageEnds.add(out.writerIndex());
      }
    }
    byte[] bytes = new byte[out.writerIndex()];
    out.readBytes(bytes);
    return new Frames(bytes, ends, messageEnds, closed);
  }

  private static void writeLength(ByteBuf out, Random random) {
    int mask = random.nextBoolean() ? 0x80 : 0;
    int form = random.nextInt(4);
    int length = form == 0 ? 0 : random.nextInt(form == 1 ? 126 : 900);
    if (form < 2) {
      out.writeByte(mask | length);
    } else if (form == 2) {
      out.writeByte(mask | 126).writeShort(length);
    } else {
      out.writeByte(mask | 127).writeLong(length);
    }
    byte[] rest = new byte[length + (mask == 0 ? 0 : 4)];
    random.nextBytes(rest);
    out.writeBytes(rest);
  }

  boolean ends(int at) {
    return ends.contains(at);
  }

  boolean endsMessage(int at) {
    return messageEnds.contains(at);
  }

  boolean closedBefore(int at) {
    return closed <= at;
  }
}
