package dev.understudy.config;

import java.util.function.Function;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/**
 * Replaces <code>${NAME}</code>, <code>${NAME:default}</code> and <code>${file:/path}</code> in
 * values.
 *
 * <p>A default may hold placeholders, up to eight levels deep. The value of a variable or the
 * content of a file is not resolved further, so that a secret may contain any character. A file's
 * path is relative to the configuration file's directory; one line break at the file's end is
 * dropped. A backslash before the dollar keeps the text as it is, and Spring Cloud Gateway's <code>
 * $\{…}</code> is not a placeholder.
 *
 * @param files null where no placeholder is allowed
 */
record Placeholders(
    Function<String, @Nullable String> variables, NamedFiles.@Nullable Reader files) {
  /** Refuses each placeholder. */
  static final Placeholders REFUSED = new Placeholders(name -> null, null);

  private static final String PREFIX = "${";
  private static final String FILE = "file:";
  private static final int DEEPEST = 8;
  private static final Pattern LAST_LINE_BREAK = Pattern.compile("\\r?\\n\\z");

  static boolean isIn(String text) {
    return text.contains(PREFIX);
  }

  /**
   * Replaces all placeholders.
   *
   * @throws Unresolved if one has no value
   */
  String resolve(String text) {
    return text.contains(PREFIX) ? resolve(text, 0) : text;
  }

  private String resolve(String text, int depth) {
    if (depth > DEEPEST) {
      throw new Unresolved("placeholders at most " + DEEPEST + " deep");
    }
    StringBuilder out = new StringBuilder();
    int at = 0;
    for (int start = text.indexOf(PREFIX); start >= 0; start = text.indexOf(PREFIX, at)) {
      if (start > at && text.charAt(start - 1) == '\\') {
        out.append(text, at, start - 1).append(PREFIX);
        at = start + PREFIX.length();
        continue;
      }
      int end = end(text, start + PREFIX.length());
      out.append(text, at, start);
      out.append(value(text.substring(start + PREFIX.length(), end), depth));
      at = end + 1;
    }
    return out.append(text, at, text.length()).toString();
  }

  private static int end(String text, int from) {
    int open = 1;
    for (int i = from; i < text.length(); i++) {
      if (text.startsWith(PREFIX, i)) {
        open++;
      } else if (text.charAt(i) == '}' && --open == 0) {
        return i;
      }
    }
    throw new Unresolved("a '}' at the end of the placeholder");
  }

  private String value(String placeholder, int depth) {
    if (files == null) {
      throw new Unresolved("no placeholder here; a backslash before ${ keeps it as text");
    }
    if (placeholder.startsWith(FILE)) {
      return secret(files, placeholder.substring(FILE.length()));
    }
    int colon = placeholder.indexOf(':');
    String name = colon < 0 ? placeholder : placeholder.substring(0, colon);
    String value = name.isEmpty() ? null : variables.apply(name);
    if (value != null) {
      return value;
    }
    if (colon < 0) {
      throw new Unresolved(
          "the environment variable or system property '"
              + name
              + "' to be set, or a default: ${"
              + name
              + ":default}");
    }
    return resolve(placeholder.substring(colon + 1), depth + 1);
  }

  private static String secret(NamedFiles.Reader files, String name) {
    try {
      return LAST_LINE_BREAK.matcher(files.text(name)).replaceFirst("");
    } catch (NamedFiles.UnusableTextException e) {
      throw new Unresolved(e.expectedAt(name));
    }
  }

  /** Signals a placeholder without a value; the message follows "expected" and holds no secret. */
  static final class Unresolved extends RuntimeException {
    private static final long serialVersionUID = 1;

    Unresolved(String expected) {
      super(expected, null, false, false);
    }

    String expected() {
      return String.valueOf(getMessage());
    }
  }
}
