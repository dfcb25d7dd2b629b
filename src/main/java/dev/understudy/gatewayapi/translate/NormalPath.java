package dev.understudy.gatewayapi.translate;

import java.nio.charset.StandardCharsets;

/**
 * Paths of objects in the form in which paths of requests are compared (RFC 3986 §6.2.2): what
 * needs no percent-encoding has none, and what needs it has it in capitals.
 */
final class NormalPath {
  private static final String ALLOWED = "-._~!$&'()*+,;=:@/";
  private static final String HEX = "0123456789ABCDEF";

  private NormalPath() {}

  static String of(String path) {
    StringBuilder normal = new StringBuilder(path.length());
    for (byte each : path.getBytes(StandardCharsets.UTF_8)) {
      char c = (char) (each & 0xff);
      if (c == '%' || isLetterOrDigit(c) || ALLOWED.indexOf(c) >= 0) {
        normal.append(c);
      } else {
        encode(c, normal);
      }
    }
    return decoded(normal);
  }

  private static String decoded(StringBuilder path) {
    StringBuilder normal = new StringBuilder(path.length());
    for (int i = 0; i < path.length(); i++) {
      char c = path.charAt(i);
      int high = c == '%' && i + 2 < path.length() ? Character.digit(path.charAt(i + 1), 16) : -1;
      int low = high < 0 ? -1 : Character.digit(path.charAt(i + 2), 16);
      if (c != '%') {
        normal.append(c);
      } else if (low < 0) {
        encode(c, normal);
      } else {
        char value = (char) (high << 4 | low);
        if (isLetterOrDigit(value) || "-._~".indexOf(value) >= 0) {
          normal.append(value);
        } else {
          encode(value, normal);
        }
        i += 2;
      }
    }
    return normal.toString();
  }

  /** A prefix as a number of whole segments; empty for every path. */
  static String withoutLastSlash(String path) {
    return path.endsWith("/") ? path.substring(0, path.length() - 1) : path;
  }

  private static boolean isLetterOrDigit(char c) {
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9');
  }

  private static void encode(char c, StringBuilder to) {
    to.append('%').append(HEX.charAt(c >> 4)).append(HEX.charAt(c & 0xf));
  }
}
