package dev.understudy.fuzz;

import java.io.ByteArrayOutputStream;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;

/**
 * All that one client does on one HTTP/1 connection.
 *
 * @param clean whether every request in it is to succeed, as far as the server lets it
 * @param held whether nobody serves in the pool {@code held} until a request waits for it, or
 *     everything is sent
 */
record Script(long seed, List<Segment> segments, End end, boolean clean, boolean held) {

  /** Before a segment is sent. */
  enum Wait {
    NONE,
    /** The proxy has read all before it, as far as it reads at all. */
    READ,
    /** All requests that have been sent whole are responded to. */
    RESPONSES
  }

  /** What follows the last segment. */
  enum End {
    /** What is to come is read, then the connection ends. */
    READ,
    /** The client's half of the connection ends at once. */
    HALF_CLOSE,
    RESET
  }

  /** Bytes that are sent in one call. */
  record Segment(byte[] bytes, Wait before) {
    /** Those in one call. */
    static Segment joined(List<Segment> segments) {
      ByteArrayOutputStream bytes = new ByteArrayOutputStream();
      segments.forEach(segment -> bytes.writeBytes(segment.bytes()));
      return new Segment(bytes.toByteArray(), segments.getFirst().before());
    }

    Segment without(int from, int size) {
      ByteArrayOutputStream less = new ByteArrayOutputStream();
      less.write(bytes, 0, from);
      less.write(bytes, from + size, bytes.length - from - size);
      return new Segment(less.toByteArray(), before);
    }

    @Override
    public String toString() {
      return before + " " + quoted(bytes);
    }
  }

  /** Makes one up; the same seed makes the same. */
  static Script random(long seed) {
    Random random = new Random(seed * 0x9E3779B97F4A7C15L);
    boolean clean = random.nextInt(4) == 0;
    Grammar grammar = new Grammar(random, seed, clean);
    List<byte[]> messages = grammar.messages();
    if (!clean) {
      messages = new Mutations(random).apply(messages);
    }
    End end =
        clean || random.nextInt(8) > 0
            ? End.READ
            : random.nextBoolean() ? End.RESET : End.HALF_CLOSE;
    return new Script(
        seed,
        Segments.cut(random, messages),
        end,
        clean,
        random.nextInt(6) == 0 || grammar.holds());
  }

  /** Everything that is sent. */
  byte[] bytes() {
    return bytes(segments.size());
  }

  /** What is sent in so many segments. */
  byte[] bytes(int count) {
    return count == 0 ? new byte[0] : Segment.joined(segments.subList(0, count)).bytes();
  }

  Script with(List<Segment> other) {
    return new Script(seed, List.copyOf(other), end, false, held);
  }

  /** As a Java literal would have it; long runs are shortened. */
  static String quoted(byte[] bytes) {
    return quoted(bytes, 400);
  }

  static String quoted(byte[] bytes, int most) {
    StringBuilder text = new StringBuilder("\"");
    String all = new String(bytes, StandardCharsets.ISO_8859_1);
    int shown = Math.min(all.length(), most);
    for (int i = 0; i < shown; i++) {
      char c = all.charAt(i);
      switch (c) {
        case '\r' -> text.append("\\r");
        case '\n' -> text.append("\\n");
        case '\t' -> text.append("\\t");
        case '"', '\\' -> text.append('\\').append(c);
        default ->
            text.append(c >= ' ' && c < 0x7f ? String.valueOf(c) : "\\x%02x".formatted((int) c));
      }
    }
    return text.append(shown < all.length() ? "\"… " + all.length() + " bytes" : "\"").toString();
  }

  @Override
  public String toString() {
    List<String> lines = new ArrayList<>();
    lines.add("seed " + seed + (held ? ", held" : "") + (clean ? ", clean" : ""));
    for (Segment segment : segments.subList(0, Math.min(segments.size(), 60))) {
      lines.add(segment.toString());
    }
    lines.add("then " + end + " after " + segments.size() + " segments");
    return String.join("\n  ", lines);
  }
}
