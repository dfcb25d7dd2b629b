package dev.understudy.proxy.route;

import java.util.regex.Pattern;
import java.util.regex.PatternSyntaxException;
import org.jspecify.annotations.Nullable;

/** Checks of rewritings by Java's regular expressions, which the Gateway has. */
public final class JavaRewriting {
  private JavaRewriting() {}

  /** Returns what is wrong with an expression and its replacement; null if nothing is. */
  public static @Nullable String problem(String regexp, String replacement) {
    String wrong = problem(regexp);
    return wrong == null ? ofReplacement(regexp, replacement) : wrong;
  }

  /** Returns what is wrong with an expression; null if nothing is. */
  public static @Nullable String problem(String regexp) {
    try {
      var unused = Pattern.compile(regexp);
      return null;
    } catch (PatternSyntaxException e) {
      return "regexp: expected a regular expression, found '%s' (%s)"
          .formatted(regexp, e.getDescription());
    }
  }

  /** Tries the replacement on an empty match that has all groups of the expression. */
  private static @Nullable String ofReplacement(String regexp, String replacement) {
    Pattern tried;
    try {
      tried = Pattern.compile(regexp + "|");
    } catch (PatternSyntaxException e) {
      return null;
    }
    try {
      // The Gateway's escape for a dollar sign in YAML.
      var unused = tried.matcher("").replaceAll(replacement.replace("$\\", "$"));
      return null;
    } catch (IllegalArgumentException | IndexOutOfBoundsException e) {
      return "replacement: expected a text with groups of the expression, found '%s' (%s)"
          .formatted(replacement, e.getMessage());
    }
  }
}
