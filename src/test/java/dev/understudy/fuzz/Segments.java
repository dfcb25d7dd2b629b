package dev.understudy.fuzz;

import dev.understudy.fuzz.Script.Segment;
import dev.understudy.fuzz.Script.Wait;
import java.io.ByteArrayOutputStream;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Random;
import java.util.TreeSet;

/** How bytes are divided among a client's writes. */
final class Segments {
  private static final int MOST_SINGLE_BYTES = 300;
  private static final int MOST_LINES = 60;

  private Segments() {}

  static List<Segment> cut(Random random, List<byte[]> messages) {
    ByteArrayOutputStream all = new ByteArrayOutputStream();
    TreeSet<Integer> cuts = new TreeSet<>();
    for (byte[] message : messages) {
      all.writeBytes(message);
      cuts.add(all.size());
    }
    byte[] bytes = all.toByteArray();
    switch (random.nextInt(8)) {
      case 0, 1 -> cuts.clear();
      case 2 -> {
        // Each message as one.
      }
      case 3, 4, 5 -> lines(bytes, cuts);
      case 6 -> {
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

  private static void lines(byte[] bytes, TreeSet<Integer> cuts) {
    for (int i = 1; i < bytes.length && cuts.size() < MOST_LINES; i++) {
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
          new Segment(
              Arrays.copyOfRange(bytes, from, to), waits[random.nextInt(waits.length)]));
      from = to;
    }
    return segments;
  }
}
