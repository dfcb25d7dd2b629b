package dev.understudy.haproxy.yaml;

import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Set;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/** A node of a YAML document. */
public sealed interface YamlNode {
  /** A map, whose entries keep their order and have comments above them. */
  final class YamlMap implements YamlNode {
    record Entry(String key, YamlNode value, List<String> comments) {}

    private final boolean flow;
    private final List<Entry> entries = new ArrayList<>();

    private YamlMap(boolean flow) {
      this.flow = flow;
    }

    /** A map with an entry on each line. */
    public static YamlMap block() {
      return new YamlMap(false);
    }

    /** A map on one line. */
    public static YamlMap flow() {
      return new YamlMap(true);
    }

    /** Adds an entry. */
    public YamlMap put(String key, YamlNode value) {
      return put(key, value, List.of());
    }

    /** Adds a text. */
    public YamlMap put(String key, String value) {
      return put(key, value, List.of());
    }

    /** Adds a text with comments above it. */
    public YamlMap put(String key, String value, List<String> comments) {
      return put(key, YamlScalar.text(value), comments);
    }

    /** Adds a number. */
    public YamlMap put(String key, long value) {
      return put(key, YamlScalar.number(value), List.of());
    }

    /** Adds a boolean. */
    public YamlMap put(String key, boolean value) {
      return put(key, YamlScalar.bool(value), List.of());
    }

    /** Adds an entry with comments above it. */
    public YamlMap put(String key, YamlNode value, List<String> comments) {
      entries.add(new Entry(key, value, List.copyOf(comments)));
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

    /** Whether it has no entry. */
    public boolean isEmpty() {
      return entries.isEmpty();
    }

    /** Whether it is written on lines of its own. */
    boolean isBlock() {
      return !flow && !isEmpty();
    }

    List<Entry> entries() {
      return entries;
    }
  }

  /** A list, whose items have comments above them. */
  final class YamlList implements YamlNode {
    record Item(YamlNode value, List<String> comments) {}

    private final boolean flow;
    private final List<Item> items = new ArrayList<>();
    private @Nullable String anchor;

    private YamlList(boolean flow) {
      this.flow = flow;
    }

    /** A list with an item on each line. */
    public static YamlList block() {
      return new YamlList(false);
    }

    /** A list of texts on one line. */
    public static YamlList flow(List<String> texts) {
      YamlList list = new YamlList(true);
      texts.forEach(text -> list.add(YamlScalar.text(text), List.of()));
      return list;
    }

    /** Adds an item with comments above it. */
    public YamlList add(YamlNode value, List<String> comments) {
      items.add(new Item(value, List.copyOf(comments)));
      return this;
    }

    /** Gives the list a name by which a {@linkplain YamlScalar#alias alias} repeats it. */
    public void anchor(String name) {
      anchor = name;
    }

    @Nullable String anchor() {
      return anchor;
    }

    /** Whether it has no item. */
    public boolean isEmpty() {
      return items.isEmpty();
    }

    /** Whether it is written on lines of its own. */
    boolean isBlock() {
      return !flow && !isEmpty();
    }

    List<Item> items() {
      return items;
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

    /** A number. */
    public static YamlScalar number(long number) {
      return new YamlScalar(Long.toString(number), true);
    }

    /** A boolean. */
    public static YamlScalar bool(boolean value) {
      return new YamlScalar(Boolean.toString(value), true);
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
