package dev.understudy.pool;

import java.nio.charset.StandardCharsets;
import java.util.HexFormat;
import java.util.Locale;

/**
 * What the clients of a protocol send first, by which a listener tells them apart:
 *
 * <ul>
 *   <li>{@code tls}: a handshake record, 16 03 in hexadecimal (RFC 8446 §5.1);
 *   <li>{@code ssh}: {@code SSH-} (RFC 4253 §4.2);
 *   <li>{@code http}: a method, a blank and the beginning of a request target (RFC 9112 §3), which
 *       the preface of HTTP/2 has too. Other protocols of words, such as SMTP and Redis, have a
 *       blank after the first one as well, but no target;
 *   <li>{@code 0x} and the bytes in hexadecimal, {@link #LONGEST_PREFIX} at most.
 * </ul>
 *
 * @param name one of these, in small letters
 */
public record FirstBytes(String name) {
  /** Whether what a client has sent begins so. */
  public enum Match {
    YES,
    NO,
    /** All that was sent by now fits, and more is needed. */
    MORE
  }

  /** Bytes of a prefix at most. */
  public static final int LONGEST_PREFIX = 16;

  /** Letters of a method at most: the longest registered one has 17 (RFC 9110 §16.1). */
  private static final int LONGEST_METHOD = 24;

  /** Number of bytes that always suffice for a match. */
  public static final int DECIDING = LONGEST_METHOD + " http".length();

  public static final FirstBytes TLS = new FirstBytes("tls");
  public static final FirstBytes SSH = new FirstBytes("ssh");
  public static final FirstBytes HTTP = new FirstBytes("http");

  /** The names and prefixes, as written in a file. */
  public static final String REGEX = "tls|ssh|http|0x([0-9A-Fa-f]{2}){1," + LONGEST_PREFIX + "}";

  /** What a setting of this type expects, for messages. */
  public static final String EXPECTED =
      "tls, ssh, http, or 0x and 1 to " + LONGEST_PREFIX + " bytes in hexadecimal, such as 0x0300";

  private static final String PREFIXED = "0x";
  private static final byte[] SSH_PREFIX = "SSH-".getBytes(StandardCharsets.US_ASCII);
  private static final byte[] TLS_PREFIX = {0x16, 0x03};

  public FirstBytes {
    if (!name.matches(REGEX)) {
      throw new IllegalArgumentException("expected " + EXPECTED + ", found '" + name + "'");
    }
    name = name.startsWith(PREFIXED) ? PREFIXED + name.substring(2).toLowerCase(Locale.ROOT) : name;
  }

  /** A protocol that begins with these bytes. */
  public static FirstBytes prefix(byte[] bytes) {
    return new FirstBytes(PREFIXED + HexFormat.of().formatHex(bytes));
  }

  /** Whether it was written as bytes, which are compared before the protocols with a name. */
  public boolean isPrefix() {
    return name.startsWith(PREFIXED);
  }

  /** The bytes that each client sends; none for {@code http}, whose methods differ. */
  public byte[] bytes() {
    return switch (name) {
      case "tls" -> TLS_PREFIX.clone();
      case "ssh" -> SSH_PREFIX.clone();
      case "http" -> new byte[0];
      default -> HexFormat.of().parseHex(name.substring(PREFIXED.length()));
    };
  }

  /** Whether it is a prefix that all clients of that protocol send. */
  public boolean isPrefixOf(FirstBytes protocol) {
    byte[] theirs = protocol.bytes();
    return isPrefix() && match(theirs, theirs.length) == Match.YES;
  }

  /**
   * Compares what a client has sent.
   *
   * @param sent its first bytes; those after {@link #DECIDING} do not matter
   * @param length how many of them have arrived
   */
  public Match match(byte[] sent, int length) {
    return switch (name) {
      case "tls" -> match(TLS_PREFIX, sent, length);
      case "ssh" -> match(SSH_PREFIX, sent, length);
      case "http" -> request(sent, length);
      default -> match(bytes(), sent, length);
    };
  }

  /** Compares what a client has sent with a prefix. */
  public static Match match(byte[] prefix, byte[] sent, int length) {
    for (int i = 0; i < prefix.length; i++) {
      if (i == length) {
        return Match.MORE;
      }
      if (sent[i] != prefix[i]) {
        return Match.NO;
      }
    }
    return Match.YES;
  }

  private static Match request(byte[] sent, int length) {
    int end = 0;
    while (end < length && end <= LONGEST_METHOD && isTokenLetter(sent[end])) {
      end++;
    }
    if (end > LONGEST_METHOD || match(SSH_PREFIX, sent, length) == Match.YES) {
      return Match.NO;
    }
    if (end == length) {
      return Match.MORE;
    }
    if (end == 0 || sent[end] != ' ') {
      return Match.NO;
    }
    return target(sent, end, length);
  }

  /** A target in origin, asterisk or absolute form, or any of CONNECT (RFC 9112 §3.2). */
  private static Match target(byte[] sent, int blank, int length) {
    if (new String(sent, 0, blank, StandardCharsets.US_ASCII).equals("CONNECT")) {
      return Match.YES;
    }
    String scheme = "http";
    for (int i = 0; i < scheme.length(); i++) {
      int at = blank + 1 + i;
      if (at == length) {
        return Match.MORE;
      }
      if (i == 0 && (sent[at] == '/' || sent[at] == '*')) {
        return Match.YES;
      }
      if ((sent[at] | 0x20) != scheme.charAt(i)) {
        return Match.NO;
      }
    }
    return Match.YES;
  }

  /** A letter of a token, RFC 9110 §5.6.2. */
  private static boolean isTokenLetter(byte letter) {
    return letter > ' ' && letter < 0x7f && "\"(),/:;<=>?@[\\]{}".indexOf(letter) < 0;
  }

  @Override
  public String toString() {
    return name;
  }
}
