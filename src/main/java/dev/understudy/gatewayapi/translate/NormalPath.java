package dev.understudy.gatewayapi.translate;

import java.nio.charset.StandardCharsets;
import java.util.HexFormat;

/**
 * Paths of objects in the form in which paths of requests are compared (RFC 3986 §6.2.2): what
 * needs no percent-encoding has none, and what needs it has it in capitals.
 */
final class NormalPath {
  private static final String ALLOWED = "-._~!$&'()*+,;=:@/";
  private static final String UNRESERVED = "-._~";
  private static final HexFormat HEX = HexFormat.of().withUpperCase();

  private NormalPath() {}

  static String of(String path) {
    byte[] bytes = path.getBytes(StandardCharsets.UTF_8);
    StringBuilder normal = new StringBuilder(bytes.length);
    for (int i = 0; i < bytes.length; i++) {
      int encoded = bytes[i] == '%' ? encoded(bytes, i + 1) : -1;
      char c = (char) (encoded < 0 ? bytes[i] & 0xff : encoded);
      if (isLetterOrDigit(c) || (encoded < 0 ? ALLOWED : UNRESERVED).indexOf(c) >= 0) {
        normal.append(c);
      } else {
        normal.append('%').append(HEX.toHexDigits((byte) c));
      }
      i += encoded < 0 ? 0 : 2;
    }
    return normal.toString();
  }

  /** The byte that two hexadecimal digits stand for; negative if there are none. */
  private static int encoded(byte[] bytes, int at) {
    return at + 1 < bytes.length
            && HexFormat.isHexDigit(bytes[at])
            && HexFormat.isHexDigit(bytes[at + 1])
        ? HexFormat.fromHexDigit(bytes[at]) << 4 | HexFormat.fromHexDigit(bytes[at + 1])
        : -1;
  }

  /** A prefix as a number of whole segments; empty for every path. */
  static String withoutLastSlash(String path) {
    return path.endsWith("/") ? path.substring(0, path.length() - 1) : path;
  }

  private static boolean isLetterOrDigit(char c) {
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9');
  }
}
