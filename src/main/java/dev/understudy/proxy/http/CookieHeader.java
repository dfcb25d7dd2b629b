package dev.understudy.proxy.http;

/** Finds cookies in the value of a {@code Cookie} field (RFC 6265 §4.2.1). */
public final class CookieHeader {
  private CookieHeader() {}

  /** Returns a {@code Cookie} value without the cookies of that name (RFC 6265 §4.2.1). */
  static String without(String cookies, String name) {
    int start = find(cookies, name, 0);
    if (start < 0) {
      return cookies;
    }
    StringBuilder rest = new StringBuilder(cookies.length());
    int from = 0;
    while (start >= 0) {
      rest.append(cookies, from, start);
      int end = cookies.indexOf(';', start);
      from = end < 0 ? cookies.length() : end + 1;
      while (from < cookies.length() && cookies.charAt(from) == ' ') {
        from++;
      }
      start = find(cookies, name, from);
    }
    rest.append(cookies, from, cookies.length());
    int end = rest.length();
    while (end > 0 && (rest.charAt(end - 1) == ' ' || rest.charAt(end - 1) == ';')) {
      end--;
    }
    return rest.substring(0, end);
  }

  /** Whether a {@code Set-Cookie} value sets a cookie of that name (RFC 6265 §5.2). */
  public static boolean isOf(String setCookie, String name) {
    int from = 0;
    while (from < setCookie.length() && isBlank(setCookie.charAt(from))) {
      from++;
    }
    if (!setCookie.startsWith(name, from)) {
      return false;
    }
    int to = from + name.length();
    while (to < setCookie.length() && isBlank(setCookie.charAt(to))) {
      to++;
    }
    return to < setCookie.length() && setCookie.charAt(to) == '=';
  }

  /** The index of the value of the cookie at {@code start}, which has an equals sign. */
  public static int value(String cookies, int start) {
    int value = cookies.indexOf('=', start) + 1;
    while (value < cookies.length() && isBlank(cookies.charAt(value))) {
      value++;
    }
    return value;
  }

  /** The index after the cookie's value that begins at {@code value}. */
  public static int end(String cookies, int value) {
    int semicolon = cookies.indexOf(';', value);
    int end = semicolon < 0 ? cookies.length() : semicolon;
    while (end > value && isBlank(cookies.charAt(end - 1))) {
      end--;
    }
    return end;
  }

  private static boolean isBlank(char c) {
    return c == ' ' || c == '\t';
  }

  /** Returns the index of a cookie of that name at or after {@code from}; -1 if there is none. */
  public static int find(String cookies, String name, int from) {
    for (int at = cookies.indexOf(name, from); at >= 0; at = cookies.indexOf(name, at + 1)) {
      int after = at + name.length();
      int before = at - 1;
      while (before >= 0 && isBlank(cookies.charAt(before))) {
        before--;
      }
      // As servers do: blanks around a name do not hide a cookie.
      while (after < cookies.length() && isBlank(cookies.charAt(after))) {
        after++;
      }
      if ((before < 0 || cookies.charAt(before) == ';')
          && after < cookies.length()
          && cookies.charAt(after) == '=') {
        return at;
      }
    }
    return -1;
  }
}
