package dev.understudy.condition;

/**
 * The forms of one path as different servers may read it, so that an unusual form does not lead
 * around a rule.
 *
 * <ol>
 *   <li>normalised, as routes match it: dot segments removed, unreserved characters decoded
 *   <li>as the client sent it
 *   <li>reduced, then normalised: without parameters ({@code ;name=value}), with {@code %2F}, a
 *       backslash and {@code %5C} as slashes, and several slashes as one
 * </ol>
 *
 * <p>Most requests have only one form.
 */
public final class PathForms {
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
      char c = path.charAt(i);
      if (isSlash(path, i)) {
        i += c == '%' ? 2 : 0;
        c = '/';
      }
      parameters = c == ';' || (parameters && c != '/');
      boolean again = c == '/' && !read.isEmpty() && read.charAt(read.length() - 1) == '/';
      if (!parameters && !again) {
        read.append(c);
      }
    }
    return read.toString();
  }

  private static boolean isSlash(String path, int at) {
    return path.charAt(at) == '\\'
        || path.regionMatches(true, at, "%2F", 0, 3)
        || path.regionMatches(true, at, "%5C", 0, 3);
  }
}
