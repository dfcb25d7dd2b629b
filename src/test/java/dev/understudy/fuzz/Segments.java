package dev.understudy.fuzz;

import dev.understudy.fuzz.Script.Segment;
import dev.understudy.fuzz.Script.Wait;
import java.io.ByteArrayOutputStream;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Random;
import java.util.TreeSet;

/** How bytes are divided among a client's writes. */
final class Segments {
  private static final int MOST_SINGLE_BYTES = 200;
  private static final int MOST_LINES = 25;

  private Segments() {}

  static List<Segment> cut(Random random, List<byte[]> messages) {
    ByteArrayOutputStream all = new ByteArrayOutputStream();
    TreeSet<Integer> cuts = new TreeSet<>();
    for (byte[] message : messages) {
      all.writeBytes(message);
      cuts.add(all.size());
    }
    byte[] bytes = all.toByteArray();
    switch (random.nextInt(9)) {
      case 0, 1 -> cuts.clear();
      case 2 -> {
        // Each message as one.
      }
      case 3 -> lines(bytes, 0, bytes.length, cuts);
      case 4, 5, 6 -> bodies(messages, bytes, cuts);
      case 7 -> {
        int single = Math.min(bytes.length, MOST_SINGLE_BYTES);
        int from = random.nextInt(bytes.length - single + 1);
        for (int i = from; i < from + single; i++) {
          cuts.add(i);
        }
      }
      default -> {
        for (int i = random.nextInt(6); i >= 0; i--) {
          cuts.add(random.nextInt(bytes.length + 1));
        }
      }
    }
    return segments(bytes, cuts, waits(random), random);
  }

  /** Heads whole, and their bodies line by line. */
  private static void bodies(List<byte[]> messages, byte[] bytes, TreeSet<Integer> cuts) {
    int from = 0;
    for (byte[] message : messages) {
      int body = new String(message, StandardCharsets.ISO_8859_1).indexOf("\r\n\r\n") + 4;
      if (body >= 4) {
        lines(bytes, from + body, from + message.length, cuts);
        cuts.add(from + body);
      }
      from += message.length;
    }
  }

  private static void lines(byte[] bytes, int from, int to, TreeSet<Integer> cuts) {
    int most = cuts.size() + MOST_LINES;
    for (int i = from + 1; i < to && cuts.size() < most; i++) {
      if (bytes[i - 1] == '\n') {
        cuts.add(i);
      }
    }
  }

  private static Wait[] waits(Random random) {
    return switch (random.nextInt(4)) {
      case 0 -> new Wait[] {Wait.NONE};
      case 1 -> Wait.values();
      default -> new Wait[] {Wait.READ, Wait.READ, Wait.RESPONSES};
    };
  }

  private static List<Segment> segments(
      byte[] bytes, TreeSet<Integer> cuts, Wait[] waits, Random random) {
    cuts.add(bytes.length);
    cuts.remove(0);
    List<Segment> segments = new ArrayList<>();
    int from = 0;
    for (int to : cuts) {
      segments.add(
          new Segment(Arrays.copyOfRange(bytes, from, to), waits[random.nextInt(waits.length)]));
      from = to;
    }
    return segments;
  }
}
