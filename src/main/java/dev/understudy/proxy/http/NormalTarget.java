package dev.understudy.proxy.http;

import dev.understudy.condition.PathForms;

/**
 * The normal form of a request's target, on which routes match and filters work, and which {@code
 * java.net.URI} can hold. Unreserved characters are decoded (RFC 3986 §6.2.2.2), hexadecimal digits
 * are capitals, dot segments are removed (§5.2.4), characters that are not allowed in a URI are
 * percent-encoded, and a {@code %} that starts no escape is {@code %25}. Browsers send targets that
 * need this; otherwise a 400 would be their response before any filter.
 */
public final class NormalTarget {
  private static final String HEX = "0123456789ABCDEF";
  private static final String PATH_EXTRA = "!$&'()*+,;=:@/";
  private static final String QUERY_EXTRA = PATH_EXTRA + "?";

  private NormalTarget() {}

  /** Returns the normal form of a target in origin-form (RFC 9112 §3.2.1). */
  public static String of(String target) {
    if (isNormal(target)) {
      return target;
    }
    int question = target.indexOf('?');
    String path = question < 0 ? target : target.substring(0, question);
    StringBuilder result = new StringBuilder(target.length() + 16);
    encode(path, PATH_EXTRA, true, result);
    String decoded = result.toString();
    result.setLength(0);
    result.append(PathForms.withoutDotSegments(decoded));
    if (question >= 0) {
      encode(target.substring(question + 1), QUERY_EXTRA, false, result.append('?'));
    }
    return result.toString();
  }

  /** Whether the target is in normal form already: the common case, checked without a copy. */
  private static boolean isNormal(String target) {
    boolean path = true;
    for (int i = 0; i < target.length(); i++) {
      char c = target.charAt(i);
      if (c == '?') {
        path = false;
      } else if (c == '%' && (path || !isEscape(target, i))) {
        return false;
      } else if (c == '.' && path && i > 0 && target.charAt(i - 1) == '/') {
        return false;
      } else if (c != '%' && !isUnreserved(c) && PATH_EXTRA.indexOf(c) < 0) {
        return false;
      }
    }
    return true;
  }

  private static void encode(String part, String extra, boolean decode, StringBuilder to) {
    for (int i = 0; i < part.length(); i++) {
      char c = part.charAt(i);
      if (c == '%' && isEscape(part, i)) {
        char value = (char) Integer.parseInt(part, i + 1, i + 3, 16);
        if (decode && isUnreserved(value)) {
          to.append(value);
        } else {
          escape(value, to);
        }
        i += 2;
      } else if (isUnreserved(c) || extra.indexOf(c) >= 0) {
        to.append(c);
      } else {
        escape(c, to);
      }
    }
  }

  private static void escape(char c, StringBuilder to) {
    to.append('%').append(HEX.charAt((c >> 4) & 0xf)).append(HEX.charAt(c & 0xf));
  }

  private static boolean isEscape(String text, int percent) {
    return percent + 2 < text.length()
        && Character.digit(text.charAt(percent + 1), 16) >= 0
        && Character.digit(text.charAt(percent + 2), 16) >= 0;
  }

  /** Whether a character is a letter, a digit, a hyphen or an underscore. */
  public static boolean isInLabel(char c) {
    return HttpToken.isLetterOrDigit(c) || c == '-' || c == '_';
  }

  private static boolean isUnreserved(char c) {
    return isInLabel(c) || c == '.' || c == '~';
  }
}
