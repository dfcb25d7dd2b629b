package dev.understudy.proxy.http;

/**
 * The prefix of a cookie's value that names a server, {@code PREFIX~VALUE}: 22 letters of URL-safe
 * Base64 and a separator. Anything of that form is taken for a prefix, known or not: that of a
 * server that is gone, or of an older key, must not reach the application either.
 */
public final class CookiePrefix {
  public static final char SEPARATOR = '~';

  /** In characters, with the separator. */
  public static final int LENGTH = 23;

  private CookiePrefix() {}

  /** Whether a value begins with a prefix. */
  public static boolean isAt(String cookies, int from, int to) {
    if (to - from < LENGTH || cookies.charAt(from + LENGTH - 1) != SEPARATOR) {
      return false;
    }
    for (int i = from; i < from + LENGTH - 1; i++) {
      char c = cookies.charAt(i);
      if (!HttpToken.isLetterOrDigit(c) && c != '-' && c != '_') {
        return false;
      }
    }
    return true;
  }

  /** Returns a {@code Cookie} value without the prefixes of the cookies of that name. */
  static String strip(String cookies, String name) {
    StringBuilder stripped = null;
    int copied = 0;
    for (int start = CookieHeader.find(cookies, name, 0);
        start >= 0;
        start = CookieHeader.find(cookies, name, start + 1)) {
      int value = CookieHeader.value(cookies, start);
      if (isAt(cookies, value, CookieHeader.end(cookies, value))) {
        if (stripped == null) {
          stripped = new StringBuilder(cookies.length());
        }
        stripped.append(cookies, copied, value);
        copied = value + LENGTH;
      }
    }
    return stripped == null
        ? cookies
        : stripped.append(cookies, copied, cookies.length()).toString();
  }
}
