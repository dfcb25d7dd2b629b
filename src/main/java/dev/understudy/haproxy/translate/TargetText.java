package dev.understudy.haproxy.translate;

import java.util.List;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/**
 * The text of {@code set-pathq} or {@code set-uri}, taken apart.
 *
 * @param keepsQuery whether the query stays as it is
 */
record TargetText(String path, String query, boolean keepsQuery) {
  private static final List<String> WHOLE = List.of("%[pathq]", "%[url]", "%[capture.req.uri]");

  /** Values with a query in them, and a query inside of a value. */
  private static final Pattern OTHERS =
      Pattern.compile("%\\[(pathq|url|capture\\.req\\.uri|query|urlp)|%\\[[^\\]]*\\?");

  /** Null: this is no path with a query of its own. */
  static @Nullable TargetText of(String text) {
    for (String value : WHOLE) {
      if (text.endsWith(value)) {
        String before = text.substring(0, text.length() - value.length());
        return isPath(before + "%[path]") && before.indexOf('?') < 0
            ? new TargetText(before + "%[path]", "", true)
            : null;
      }
    }
    int question = text.indexOf('?');
    String path = question < 0 ? text : text.substring(0, question);
    String query = question < 0 ? "" : text.substring(question + 1);
    return isPath(path) ? new TargetText(path, query, query.equals("%[query]")) : null;
  }

  private static boolean isPath(String text) {
    boolean begins = text.startsWith("/") || text.startsWith("%[path]");
    return begins && !OTHERS.matcher(text).find();
  }
}
