package dev.understudy.haproxy.yaml;

import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Set;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/** A node of a YAML document. */
public sealed interface YamlNode {
  /** The node of a value: a text, a number, a boolean, or a node itself. */
  static YamlNode of(Object value) {
    return switch (value) {
      case YamlNode node -> node;
      case String text -> YamlScalar.text(text);
      default -> new YamlScalar(value.toString(), true);
    };
  }

  /**
   * A part of a map or a list, with comments above it.
   *
   * @param key empty in lists
   */
  record Entry(String key, YamlNode value, List<String> comments) {}

  /** A map or a list, whose parts keep their order. */
  abstract sealed class YamlCollection implements YamlNode {
    private final boolean flow;
    final List<Entry> entries = new ArrayList<>();

    private YamlCollection(boolean flow) {
      this.flow = flow;
    }

    /** Whether it has no part. */
    public boolean isEmpty() {
      return entries.isEmpty();
    }

    /** Whether it is written on lines of its own. */
    boolean isBlock() {
      return !flow && !isEmpty();
    }
  }

  /** A map. */
  final class YamlMap extends YamlCollection {
    private YamlMap(boolean flow) {
      super(flow);
    }

    /** A map with an entry on each line. */
    public static YamlMap block() {
      return new YamlMap(false);
    }

    /** A map on one line. */
    public static YamlMap flow() {
      return new YamlMap(true);
    }

    /** Adds an entry: a text, a number, a boolean, or a node. */
    public YamlMap put(String key, Object value) {
      return put(key, value, List.of());
    }

    /** Adds an entry with comments above it. */
    public YamlMap put(String key, Object value, List<String> comments) {
      entries.add(new Entry(key, YamlNode.of(value), List.copyOf(comments)));
      return this;
    }

    /** Adds all entries of another map. */
    public YamlMap putAll(YamlMap other) {
      entries.addAll(other.entries);
      return this;
    }

    /** Whether it has a key. */
    public boolean has(String key) {
      return entries.stream().anyMatch(entry -> entry.key().equals(key));
    }
  }

  /** A list. */
  final class YamlList extends YamlCollection {
    private @Nullable String anchor;

    private YamlList(boolean flow) {
      super(flow);
    }

    /** A list with an item on each line. */
    public static YamlList block() {
      return new YamlList(false);
    }

    /** A list of texts on one line. */
    public static YamlList flow(List<String> texts) {
      YamlList list = new YamlList(true);
      texts.forEach(text -> list.add(text, List.of()));
      return list;
    }

    /** Adds an item with comments above it. */
    public YamlList add(Object value, List<String> comments) {
      entries.add(new Entry("", YamlNode.of(value), List.copyOf(comments)));
      return this;
    }

    /** Gives the list a name by which a {@linkplain YamlScalar#alias alias} repeats it. */
    public void anchor(String name) {
      anchor = name;
    }

    @Nullable String anchor() {
      return anchor;
    }
  }

  /**
   * A value.
   *
   * @param plain written without quotes whatever it holds: numbers, booleans, aliases
   */
  record YamlScalar(String text, boolean plain) implements YamlNode {
    private static final Pattern SAFE =
        Pattern.compile("[A-Za-z/][A-Za-z0-9_./-]*|[0-9]+(ms|s|m|h|KB|MB|B)");
    private static final Set<String> WORDS =
        Set.of("true", "false", "yes", "no", "on", "off", "null", "y", "n");

    /** A text; a dollar and a brace in it begin no placeholder. */
    public static YamlScalar text(String text) {
      return new YamlScalar(text.replace("${", "\\${"), false);
    }

    /** Stands for a list that is written elsewhere in the document, by the list's anchor. */
    public static YamlScalar alias(String anchor) {
      return new YamlScalar("*" + anchor, true);
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
              out.append(
                  isPrintable(c) ? Character.toString(c) : String.format("\\u%04X", (int) c));
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
}
