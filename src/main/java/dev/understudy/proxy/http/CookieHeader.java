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

  /** Returns the index of a cookie of that name at or after {@code from}; -1 if there is none. */
  public static int find(String cookies, String name, int from) {
    for (int at = cookies.indexOf(name, from); at >= 0; at = cookies.indexOf(name, at + 1)) {
      int after = at + name.length();
      int before = at - 1;
      while (before >= 0 && cookies.charAt(before) == ' ') {
        before--;
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
