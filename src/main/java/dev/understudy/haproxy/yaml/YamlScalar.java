package dev.understudy.haproxy.yaml;

import java.util.Locale;
import java.util.Set;
import java.util.regex.Pattern;

/**
 * A value.
 *
 * @param plain written without quotes whatever it holds: numbers and booleans
 */
public record YamlScalar(String text, boolean plain) implements YamlNode {
  private static final Pattern SAFE =
      Pattern.compile("[A-Za-z/][A-Za-z0-9_./-]*|[0-9]+(ms|s|m|h|KB|MB|B)");
  private static final Set<String> WORDS =
      Set.of("true", "false", "yes", "no", "on", "off", "null", "y", "n");

  /** A text; a dollar and a brace in it begin no placeholder. */
  public static YamlScalar text(String text) {
    return new YamlScalar(text.replace("${", "\\${"), false);
  }

  /** A number. */
  public static YamlScalar number(long number) {
    return new YamlScalar(Long.toString(number), true);
  }

  /** A boolean. */
  public static YamlScalar bool(boolean value) {
    return new YamlScalar(Boolean.toString(value), true);
  }

  /** The value as it stands in a document. */
  String written() {
    return plain ? text : written(text);
  }

  /** A text, in quotes if it needs them. */
  static String written(String text) {
    return SAFE.matcher(text).matches() && !WORDS.contains(text.toLowerCase(Locale.ROOT))
        ? text
        : quoted(text);
  }

  private static String quoted(String text) {
    StringBuilder out = new StringBuilder(text.length() + 2).append('"');
    for (int i = 0; i < text.length(); i++) {
      char c = text.charAt(i);
      switch (c) {
        case '"', '\\' -> out.append('\\').append(c);
        case '\n' -> out.append("\\n");
        case '\r' -> out.append("\\r");
        case '\t' -> out.append("\\t");
        default ->
            out.append(isPrintable(c) ? Character.toString(c) : String.format("\\u%04X", (int) c));
      }
    }
    return out.append('"').toString();
  }

  /** Whether a character can stand in a document as it is; half of a pair cannot. */
  static boolean isPrintable(int c) {
    return c >= 0x20
        && !(c >= 0x7f && c <= 0x9f)
        && !(c >= 0xd800 && c <= 0xdfff)
        && c != 0x2028
        && c != 0x2029
        && c != 0xfeff
        && c != 0xfffe
        && c != 0xffff;
  }
}
