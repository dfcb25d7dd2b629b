package dev.understudy.testing.duel;

import java.nio.charset.StandardCharsets;
import java.util.Locale;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.stream.Collectors;
import java.util.zip.CRC32;

/** What both ends of a talk saw; safe for the threads of both. */
public final class Transcript {
  private final Map<String, String> lines = new ConcurrentHashMap<>();
  private final Map<String, Integer> progress = new ConcurrentHashMap<>();

  void saw(String what, String line) {
    lines.merge(what, line, (before, now) -> before + "; " + now);
  }

  /** Tells the other end how far one end is. */
  void reached(String what, int bytes) {
    progress.merge(what, bytes, Math::max);
  }

  void await(String what, int bytes) {
    dev.understudy.testing.Await.until(
        what + " at " + bytes, () -> progress.getOrDefault(what, -1) >= bytes);
  }

  /**
   * A head without what must differ between two runs. The order of fields carries no meaning, nor
   * do reason phrases, which Spring has none of (RFC 9112 §4); of a 304, Reactor Netty leaves out
   * the length, which it may (RFC 9110 §8.6).
   */
  static String head(String raw) {
    String[] all = raw.split("\r\n");
    String fields =
        java.util.Arrays.stream(all)
            .skip(1)
            .filter(line -> !all[0].contains(" 304 ") || !line.matches("(?i)content-length:.*"))
            .map(Transcript::field)
            .sorted()
            .collect(Collectors.joining(" | "));
    String start = all[0].startsWith("HTTP/") ? all[0].substring(0, 12) : all[0];
    return start + " | " + fields;
  }

  private static String field(String line) {
    int colon = line.indexOf(':');
    String name = line.substring(0, colon).toLowerCase(Locale.ROOT);
    return switch (name) {
      case "x-request-id", "x-forwarded-port", "date" -> name;
      default -> name + line.substring(colon);
    };
  }

  static String body(byte[] bytes) {
    CRC32 sum = new CRC32();
    sum.update(bytes);
    return bytes.length + " bytes, sum " + Long.toHexString(sum.getValue());
  }

  static byte[] ascii(String text) {
    return text.getBytes(StandardCharsets.ISO_8859_1);
  }

  /** All of it, to be compared. */
  public String text() {
    return lines.entrySet().stream()
        .sorted(Map.Entry.comparingByKey())
        .map(each -> each.getKey() + ": " + each.getValue())
        .collect(Collectors.joining("\n"));
  }
}
