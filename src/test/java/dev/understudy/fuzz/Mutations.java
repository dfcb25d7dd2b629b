package dev.understudy.fuzz;

import static dev.understudy.fuzz.StrictServer.ascii;
import static dev.understudy.fuzz.StrictServer.joined;

import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Random;

/** Damages what a client sends. */
final class Mutations {
  private static final String[] MORSELS = {
    "\r", "\n", "\r\n", "\r\n\r\n", " ",
    "\t", "\0", ":", ";", ",",
    "0", "\u000b", "\u0080", "\u00ff", "\r\r\n",
    "\n\n", "\u007f", "\"", "#", "zz\r\n",
    "0\r\n\r\n", "-1", "+", "0x", "_"
  };

  /** Fields, each with values. */
  private static final String FIELDS =
      """
      Content-Length: 5 | 0 | 5, 5 | +5 | 05 | -1 | 0x5 | 5 5 | 18446744073709551621
      Transfer-Encoding: chunked | CHUNKED | xchunked | gzip, chunked | chunked, identity | "chunked"
      Host: other.test | a b
      Connection: close | keep-alive | Content-Length | Transfer-Encoding, Host | X-Fuzz, Expect, X-Request-Id
      Expect: 100-continue | 200-maybe
      """;

  private static final String[] LINES = {
    "Content-Length:",
    "Content-Length : 5",
    "Content_Length: 5",
    "Transfer-Encoding : chunked",
    "Transfer-Encoding:\tchunked",
    "Transfer-Encoding: chunked\u000b",
    "Transfer-Encoding:",
    " Transfer-Encoding: chunked",
    "X: y\n Transfer-Encoding: chunked",
    "X: y\rTransfer-Encoding: chunked",
    "X: y\nTransfer-Encoding: chunked",
    "Host:",
    "Upgrade: h2c\r\nConnection: Upgrade, HTTP2-Settings\r\nHTTP2-Settings: AAMAAABkAAQAAP__",
    "Upgrade: websocket\r\nConnection: Upgrade",
    "Sec-WebSocket-Key1: 4 @1  46546xW%0l 1 5\r\nSec-WebSocket-Key2: 12998 5 Y3 1  .P00",
    "Keep-Alive: timeout=5",
    "Trailer: Content-Length",
    " folded",
    "\tfolded",
    "no colon",
    ": no name",
    "X-Bad\u0000: 1",
    "X-Bad: \u0001",
    "Understudy-Epoch: 9",
    "X-HTTP2-Stream-Id: 3",
    "X-Long: " + "x".repeat(9000),
    "X-Long: " + "x".repeat(17_000)
  };

  private static final String[] NUMBERS = {
    "0", "1", "7", "-1", "00", "65536", "2147483648",
    "9223372036854775808", "ffffffff", "10000000000000000", "7fffffffffffffff", "1e3", "0x10", " 1"
  };

  private final Random random;

  Mutations(Random random) {
    this.random = random;
  }

  /** Messages as they came, but for one to three damages. */
  List<byte[]> apply(List<byte[]> messages) {
    List<byte[]> damaged = new ArrayList<>(messages);
    for (int i = random.nextInt(3); i >= 0; i--) {
      int at = random.nextInt(damaged.size());
      damaged.set(at, damage(damaged.get(at), damaged));
    }
    return damaged;
  }

  private byte[] damage(byte[] message, List<byte[]> all) {
    if (message.length == 0) {
      return ascii(any(MORSELS));
    }
    int at = place(message);
    return switch (random.nextInt(14)) {
      case 0 -> flip(message, at);
      case 1, 2 -> insert(message, at, ascii(any(MORSELS)));
      case 3 -> cut(message, at, at + 1 + random.nextInt(random.nextInt(4) == 0 ? 200 : 3));
      case 4 -> repeat(message, at);
      case 5, 6 -> insert(message, lineStart(message, at), ascii(line() + "\r\n"));
      case 7 -> lineEnd(message, at);
      case 8 -> number(message, at);
      case 9 -> splice(message, all.get(random.nextInt(all.size())), at);
      case 10 -> Arrays.copyOf(message, at);
      case 11 -> repeatLine(message, at);
      case 12 -> body(message, all);
      default ->
          insert(message, lineStart(message, at), ascii(any("zz\r\n", "0\r\n\r\n", "5\r\n")));
    };
  }

  private String line() {
    if (random.nextBoolean()) {
      return any(LINES);
    }
    String[] field = any(FIELDS.split("\n")).split(": ", 2);
    return field[0] + ": " + any(field[1].split(" \\| "));
  }

  /** More often in the head, or at the beginning of the body, than far inside. */
  private int place(byte[] message) {
    int bound = random.nextInt(3) > 0 ? Math.min(message.length, 420) : message.length;
    return random.nextInt(bound);
  }

  private byte[] flip(byte[] message, int at) {
    byte[] flipped = message.clone();
    flipped[at] ^= (byte) (1 << random.nextInt(8));
    return flipped;
  }

  /**
   * A line that is none, at the beginning of a line of that body or, if it has none, of another;
   * often with nothing after it.
   */
  private byte[] body(byte[] message, List<byte[]> all) {
    int from = head(message);
    if (from == message.length) {
      int other = random.nextInt(all.size());
      all.set(other, broken(all.get(other), head(all.get(other))));
      return message;
    }
    boolean first = random.nextBoolean();
    return broken(
        message, first ? from : lineStart(message, from + random.nextInt(message.length - from)));
  }

  private byte[] broken(byte[] message, int at) {
    byte[] junk = ascii(any("zz\r\n", "5;\r\n", "-1\r\n", "\r\n"));
    return random.nextBoolean()
        ? insert(message, at, junk)
        : joined(Arrays.copyOf(message, at), junk);
  }

  /** Where a head ends. */
  private static int head(byte[] message) {
    int end = new String(message, StandardCharsets.ISO_8859_1).indexOf("\r\n\r\n");
    return end < 0 ? message.length : end + 4;
  }

  private static byte[] insert(byte[] message, int at, byte[] more) {
    return joined(
        Arrays.copyOf(message, at), more, Arrays.copyOfRange(message, at, message.length));
  }

  private static byte[] cut(byte[] message, int from, int to) {
    int end = Math.min(to, message.length);
    return joined(Arrays.copyOf(message, from), Arrays.copyOfRange(message, end, message.length));
  }

  private byte[] repeat(byte[] message, int at) {
    int to = Math.min(message.length, at + 1 + random.nextInt(40));
    return insert(message, at, Arrays.copyOfRange(message, at, to));
  }

  private byte[] repeatLine(byte[] message, int at) {
    int from = lineStart(message, at);
    int to = lineStart(message, Math.min(message.length, Math.max(at, from) + 1));
    return insert(message, from, Arrays.copyOfRange(message, from, Math.max(from, to)));
  }

  /** Where the next line begins; the end, if there is none. */
  private static int lineStart(byte[] message, int at) {
    int i = at;
    while (i < message.length && message[i] != '\n') {
      i++;
    }
    return Math.min(i + 1, message.length);
  }

  private byte[] lineEnd(byte[] message, int at) {
    int start = lineStart(message, at);
    if (start < 2 || message[start - 1] != '\n') {
      return message;
    }
    String other = any("\n", "\r", "\r\r\n", "\r\n\r\n", " \r\n", "\n\r\n", "");
    return joined(
        Arrays.copyOf(message, start - 2),
        ascii(other),
        Arrays.copyOfRange(message, start, message.length));
  }

  private byte[] number(byte[] message, int at) {
    int from = at;
    while (from < message.length && !isDigit(message[from])) {
      from++;
    }
    int to = from;
    while (to < message.length && isDigit(message[to])) {
      to++;
    }
    return insert(cut(message, from, to), from, ascii(any(NUMBERS)));
  }

  private static boolean isDigit(byte b) {
    return b >= '0' && b <= '9';
  }

  private byte[] splice(byte[] message, byte[] other, int at) {
    int from = other.length == 0 ? 0 : random.nextInt(other.length);
    return joined(Arrays.copyOf(message, at), Arrays.copyOfRange(other, from, other.length));
  }

  private String any(String... values) {
    return values[random.nextInt(values.length)];
  }
}
