package dev.understudy.config;

import dev.understudy.pool.Setting;
import dev.understudy.pool.TextFormat;
import dev.understudy.pool.UnitParser;
import java.lang.reflect.Type;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;

/** Makes broken files out of a full one, one fault each, and knows the line of each fault. */
public final class Breakage {
  /** A broken file and the one line that must be named. */
  public record Broken(String what, String text, int line, String property) {
    @Override
    public String toString() {
      return what;
    }
  }

  private static final Map<TextFormat, String> BAD_TEXTS =
      Map.ofEntries(
          Map.entry(TextFormat.NOT_EMPTY, "\"\""),
          Map.entry(TextFormat.EXPRESSION, "\"\""),
          Map.entry(TextFormat.POD_LABEL, "primary"),
          Map.entry(TextFormat.TOKEN, "\"a b\""),
          Map.entry(TextFormat.HEX, "\"2b5\""),
          Map.entry(TextFormat.METHOD, "get"),
          Map.entry(TextFormat.TARGET, "status"),
          Map.entry(TextFormat.AUTHORITY, "\"http://x\""),
          Map.entry(TextFormat.HOST, "\"a b\""),
          Map.entry(TextFormat.HOST_OR_ADDRESS, "\"[::1]:80\""),
          Map.entry(TextFormat.LABEL, "\"a b\""),
          Map.entry(TextFormat.ADDRESS, "localhost"),
          Map.entry(TextFormat.TLS_VERSION, "TLSv1.1"),
          Map.entry(TextFormat.NAME, "\"a b\""),
          Map.entry(TextFormat.DAILY, "\"24:00-01:00\""),
          Map.entry(TextFormat.ZONE, "\"a b\""));

  private final List<String> lines;
  private final List<Broken> all = new ArrayList<>();

  private Breakage(String text) {
    this.lines = List.copyOf(text.lines().toList());
  }

  /** All of them. */
  public static List<Broken> of(String text) {
    Breakage breakage = new Breakage(text);
    FullFile.keysOf(text).forEach(breakage::breakKey);
    return breakage.all;
  }

  private void breakKey(FullFile.Key key) {
    misspelt(key);
    twice(key);
    replaced("nothing there", key, "");
    missing(key);
    wrongType(key);
    for (String value : outOfRange(key)) {
      replaced("out of range", key, value);
    }
  }

  private void misspelt(FullFile.Key key) {
    String name = name(key);
    String wrong = name.charAt(0) + "x" + name.substring(1);
    List<String> text = new ArrayList<>(lines);
    int row = row(key);
    text.set(row, prefix(key) + wrong + text.get(row).substring(column(key) + name.length()));
    String path = key.path().substring(0, key.path().length() - name.length()) + wrong;
    add("misspelt " + key.path(), text, row, path);
  }

  private void twice(FullFile.Key key) {
    List<String> text = new ArrayList<>(lines);
    List<String> again = new ArrayList<>(lines.subList(row(key), end(key)));
    again.set(0, " ".repeat(column(key)) + again.get(0).substring(column(key)));
    text.addAll(end(key), again);
    add("twice " + key.path(), text, end(key), key.path());
  }

  /** Named at the line of what holds it. */
  private void missing(FullFile.Key key) {
    if (!key.component().isAnnotationPresent(Setting.Required.class)) {
      return;
    }
    List<String> text = new ArrayList<>(lines);
    int row = row(key);
    boolean firstOfItem = lines.get(row).substring(0, column(key)).contains("-");
    text.subList(row, end(key)).clear();
    if (firstOfItem) {
      text.set(row, prefix(key) + text.get(row).substring(column(key)));
    }
    add("missing " + key.path(), text, holder(key), key.path());
    if (!(key.value() instanceof ScalarNode)) {
      replaced("empty", key, key.value() instanceof MapNode ? "{}" : "[]");
    }
  }

  private int holder(FullFile.Key key) {
    for (int i = row(key); i >= 0 && column(key) > 0; i--) {
      String line = lines.get(i);
      int indent = line.length() - line.stripLeading().length();
      if (line.stripLeading().startsWith("- ") && indent + 2 == column(key)) {
        return i;
      }
      if (indent < column(key) && i < row(key)) {
        return i;
      }
    }
    return firstKey();
  }

  private int firstKey() {
    int row = 0;
    while (lines.get(row).startsWith("#")) {
      row++;
    }
    return row;
  }

  private void wrongType(FullFile.Key key) {
    if (key.value() instanceof ScalarNode) {
      replaced("a map", key, "{ a: b }");
      replaced("a list", key, "[ a ]");
    } else {
      replaced("a text", key, "three");
      replaced("a number", key, "3");
      if (key.value() instanceof MapNode) {
        replaced("the other collection", key, "[ a ]");
      } else if (!key.component().isAnnotationPresent(Setting.OneOrMore.class)) {
        replaced("the other collection", key, "{ a: b }");
      }
    }
  }

  private static List<String> outOfRange(FullFile.Key key) {
    Type type = key.component().getGenericType();
    Setting.Whole whole = key.component().getAnnotation(Setting.Whole.class);
    Setting.Text form = key.component().getAnnotation(Setting.Text.class);
    if (whole != null) {
      return List.of(
          String.valueOf(whole.min() - 1), String.valueOf(whole.max() + 1L), "three", "1.5", "010");
    }
    if (type == Duration.class) {
      return List.of("three", "3", "-1s", "721h", "2 apples", "on");
    }
    Setting.Size size = key.component().getAnnotation(Setting.Size.class);
    if (size != null) {
      String beyond = UnitParser.bytes(size.max()) + 1 + "B";
      return List.of("three", "64", "-1KB", beyond, "1XB");
    }
    if (type == boolean.class || type == Boolean.class) {
      return List.of("three", "yes", "on", "1", "\"\"");
    }
    if (type instanceof Class<?> plain && plain.isEnum()) {
      String upper = plain.getEnumConstants()[0].toString();
      return List.of("three", upper, "\"\"", "1.0");
    }
    if (form != null) {
      return List.of(BAD_TEXTS.get(form.value()), "on", "010");
    }
    return switch (key.pattern()) {
      case "pools.*.servers.*.url" ->
          Arrays.asList(
              "react2", "ftp://a", "http://a/b", "http://u@a", "http://a:0", "http://a?b");
      case "pools.*.health.expect.status" -> List.of("\"600\"", "\"300-200\"", "ok", "\"\"");
      default -> List.of();
    };
  }

  private void replaced(String what, FullFile.Key key, String value) {
    List<String> text = new ArrayList<>(lines);
    int row = row(key);
    text.subList(row + 1, end(key)).clear();
    text.set(row, prefix(key) + name(key) + ": " + value);
    add(what + " " + key.path() + ": " + value, text, row, key.path());
  }

  private void add(String what, List<String> text, int row, String property) {
    all.add(new Broken(what, String.join("\n", text) + "\n", row + 1, property));
  }

  private String prefix(FullFile.Key key) {
    return lines.get(row(key)).substring(0, column(key));
  }

  private static String name(FullFile.Key key) {
    return key.pattern().substring(key.pattern().lastIndexOf('.') + 1);
  }

  private static int row(FullFile.Key key) {
    return key.at().line() - 1;
  }

  private static int column(FullFile.Key key) {
    return key.at().column() - 1;
  }

  /** The first row that is no longer part of that entry. */
  private int end(FullFile.Key key) {
    int row = row(key) + 1;
    while (row < lines.size() && isWithin(lines.get(row), key)) {
      row++;
    }
    return row;
  }

  private static boolean isWithin(String line, FullFile.Key key) {
    int indent = line.length() - line.stripLeading().length();
    return indent > column(key);
  }
}
