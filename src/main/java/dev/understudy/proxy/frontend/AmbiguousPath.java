package dev.understudy.proxy.frontend;

/**
 * Detects paths that a route here and the server behind it may read differently, so that a rule for
 * one path is circumvented: paths are forwarded unchanged, and a server may normalise them in its
 * own way.
 *
 * <ul>
 *   <li>{@code //}, which many servers treat as one slash, and a segment of parameters alone.
 *   <li>Dot segments (RFC 3986 §5.2.4), also percent-encoded or with parameters ({@code /..;a/}),
 *       which servlet containers strip first.
 *   <li>An encoded slash, a backslash, raw or encoded, and {@code %00}.
 * </ul>
 *
 * <p>Parameters of other segments are not ambiguous, as in {@code ;jsessionid=…}; nor is anything
 * in a query.
 */
final class AmbiguousPath {
  private AmbiguousPath() {}

  /**
   * Whether the target's path is ambiguous.
   *
   * @param target in origin-form; any other form has no path
   */
  static boolean isIn(String target) {
    if (!target.startsWith("/")) {
      return false;
    }
    int question = target.indexOf('?');
    int end = question < 0 ? target.length() : question;
    int start = 1;
    for (int slash = target.indexOf('/', start);
        slash >= 0 && slash < end;
        slash = target.indexOf('/', start)) {
      if (isAmbiguous(target, start, slash, false)) {
        return true;
      }
      start = slash + 1;
    }
    return isAmbiguous(target, start, end, true);
  }

  private static boolean isAmbiguous(String target, int from, int to, boolean last) {
    int dots = 0;
    boolean others = false;
    boolean parameters = false;
    int i = from;
    while (i < to) {
      int encoded = target.charAt(i) == '%' && i + 2 < to ? hex(target, i + 1) : -1;
      int c = encoded < 0 ? target.charAt(i) : encoded;
      if (c == '\\' || c == '/' || c == 0) {
        return true;
      }
      parameters |= c == ';';
      if (!parameters) {
        dots += c == '.' ? 1 : 0;
        others |= c != '.';
      }
      i += encoded < 0 ? 1 : 3;
    }
    return !others && (dots == 0 ? !last : dots <= 2);
  }

  /** Returns the byte of the two hexadecimal digits at the index; negative if they are none. */
  private static int hex(String target, int at) {
    int high = Character.digit(target.charAt(at), 16);
    int low = Character.digit(target.charAt(at + 1), 16);
    return high < 0 || low < 0 ? -1 : 16 * high + low;
  }
}
