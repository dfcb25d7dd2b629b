package dev.understudy.condition;

import java.util.function.Predicate;

/**
 * The forms of one path as different servers may read it, so that an unusual form does not lead
 * around a rule.
 *
 * <ol>
 *   <li>normalised, as routes match it: dot segments removed, unreserved characters decoded
 *   <li>as the client sent it
 *   <li>reduced, then normalised: all that a path may have is decoded, such as {@code %40} and
 *       {@code %2F}; without parameters ({@code ;name=value}), with backslashes as slashes, and
 *       several slashes as one
 * </ol>
 *
 * <p>Most requests have only one form.
 */
public final class PathForms {
  /** No server decodes so often. */
  private static final int MOST_DECODINGS = 8;

  private PathForms() {}

  /**
   * Whether a path may have a third form.
   *
   * @param path as the client sent it
   */
  public static boolean isReducible(String path) {
    return path.indexOf(';') >= 0
        || path.indexOf('%') >= 0
        || path.indexOf('\\') >= 0
        || path.contains("//");
  }

  /** The path without parameters, with plain and single slashes; not normalised yet. */
  public static String reduced(String path) {
    StringBuilder read = new StringBuilder(path.length());
    boolean parameters = false;
    for (int i = 0; i < path.length(); i++) {
      char c = read(path, i);
      i += c != '%' && path.charAt(i) == '%' ? 2 : 0;
      parameters = c == ';' || (parameters && c != '/');
      boolean again = c == '/' && !read.isEmpty() && read.charAt(read.length() - 1) == '/';
      if (!parameters && !again) {
        read.append(c);
      }
    }
    return read.toString();
  }

  /**
   * Whether a path, or what some server may decode it to, has a dot segment. One that needs more
   * decoding than any server does counts as such.
   */
  public static boolean hasDotSegment(String path) {
    return mayHaveDotSegment(path)
        && anyDecoded(
            path,
            form -> {
              for (String segment : reduced(form).split("/", -1)) {
                if (segment.equals(".") || segment.equals("..")) {
                  return true;
                }
              }
              return false;
            });
  }

  /** Whether a segment begins with a dot, or something is encoded. */
  private static boolean mayHaveDotSegment(String path) {
    for (int i = 0; i < path.length(); i++) {
      char c = path.charAt(i);
      if (c == '%' || (c == '.' && (i == 0 || "/\\".indexOf(path.charAt(i - 1)) >= 0))) {
        return true;
      }
    }
    return false;
  }

  /** Whether a value, or what some server may decode it to, has a slash or a backslash. */
  public static boolean hasSlash(String value) {
    return anyDecoded(value, form -> form.indexOf('/') >= 0 || form.indexOf('\\') >= 0);
  }

  private static boolean anyDecoded(String text, Predicate<String> test) {
    String form = text;
    for (int i = 0; i < MOST_DECODINGS; i++) {
      if (test.test(form)) {
        return true;
      }
      String decoded = form.indexOf('%') < 0 ? form : decoded(form);
      if (decoded.equals(form)) {
        return false;
      }
      form = decoded;
    }
    return true;
  }

  /** Decodes what is percent-encoded once, each octet as a character. */
  private static String decoded(String text) {
    StringBuilder plain = new StringBuilder(text.length());
    for (int i = 0; i < text.length(); i++) {
      char c = text.charAt(i);
      int octet = c == '%' ? octet(text, i) : -1;
      plain.append(octet < 0 ? c : (char) octet);
      i += octet < 0 ? 0 : 2;
    }
    return plain.toString();
  }

  /** The character that a server reads there, with a backslash as a slash. */
  private static char read(String path, int at) {
    char c = path.charAt(at);
    int octet = c == '%' ? octet(path, at) : c;
    // Decoded, these would begin something else: an escape, a query, a fragment.
    char read = octet > ' ' && octet < 0x7f && "%?#".indexOf(octet) < 0 ? (char) octet : c;
    return read == '\\' ? '/' : read;
  }

  /** What is percent-encoded there; negative if nothing is. */
  private static int octet(String text, int percent) {
    if (percent + 2 >= text.length()) {
      return -1;
    }
    int high = Character.digit(text.charAt(percent + 1), 16);
    int low = Character.digit(text.charAt(percent + 2), 16);
    return high < 0 || low < 0 ? -1 : high << 4 | low;
  }
}
