package dev.understudy.testing.duel;

import java.nio.charset.StandardCharsets;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
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

  /** Writes down what may happen again in the same way. */
  void sawOnce(String what, String line) {
    String before = lines.putIfAbsent(what, line);
    if (before != null && !before.equals(line)) {
      lines.put(what, before + "; then " + line);
    }
  }

  /** Tells the other end how far one end is. */
  void reached(String what, int bytes) {
    progress.merge(what, bytes, Math::max);
  }

  void await(String what, int bytes) {
    dev.understudy.testing.Await.until(
        what + " at " + bytes, () -> progress.getOrDefault(what, -1) >= bytes);
  }

  /** A request's head without what must differ between two runs. */
  static String request(String raw) {
    return head(raw, raw.substring(0, raw.indexOf("\r\n")), Set.of());
  }

  /**
   * A response's head without what must differ between two runs, and without what it may have or
   * not: a reason phrase, as Spring has none (RFC 9112 §4), and with a response to HEAD the
   * transfer coding, without which Reactor Netty would close (RFC 9112 §6.1).
   */
  static String response(String raw, Turn turn) {
    String start = raw.substring(0, 12);
    return head(raw, start, turn.method().equals("HEAD") ? Set.of("transfer-encoding") : Set.of());
  }

  /** The order of fields of different names carries no meaning (RFC 9110 §5.3). */
  private static String head(String raw, String start, Set<String> without) {
    return raw.lines()
        .skip(1)
        .map(Transcript::field)
        .filter(field -> !without.contains(field.replaceFirst(":.*", "")))
        .sorted()
        .collect(Collectors.joining(" | ", start + " | ", ""));
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
