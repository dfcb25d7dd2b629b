package dev.understudy.config;

import dev.understudy.pages.SourceComments;
import dev.understudy.pool.SectionType;
import dev.understudy.pool.SectionType.Component;
import dev.understudy.pool.Setting;
import dev.understudy.pool.SettingNames;
import dev.understudy.pool.TextFormat;
import java.lang.reflect.ParameterizedType;
import java.lang.reflect.RecordComponent;
import java.lang.reflect.Type;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.function.BiConsumer;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;
import org.springframework.boot.context.properties.bind.DefaultValue;
import org.springframework.util.unit.DataSize;

/**
 * The reference of a tree of settings, made from the annotations and the javadoc of its records:
 * tables in Markdown, each with the settings below a prefix.
 */
public final class SettingsReference {
  private static final String HEADER =
      """
      | setting | type | range | default | meaning |
      |---|---|---|---|---|
      """;

  private SettingsReference() {}

  /** Visits every setting with its path, in which {@code *} stands for names and indexes. */
  public static void visit(String prefix, Class<?> type, BiConsumer<String, Component> to) {
    SectionType.of(type)
        .keys()
        .values()
        .forEach(
            component -> {
              String path = prefix.isEmpty() ? component.key() : prefix + "." + component.key();
              to.accept(path, component);
              Class<?> element = element(component);
              if (element.isRecord() && component.rule(Setting.OfAllPools.class) == null) {
                visit(isOne(component) ? path : path + ".*", element, to);
              }
            });
  }

  /** Whether the setting is neither a list nor a map. */
  static boolean isOne(Component component) {
    return !(component.of().getGenericType() instanceof ParameterizedType);
  }

  /** The type of the setting, or that of its items or entries; a predicate or filter is a text. */
  static Class<?> element(Component component) {
    Type type = component.of().getGenericType();
    if (type instanceof ParameterizedType generic) {
      Type[] arguments = generic.getActualTypeArguments();
      type = arguments[arguments.length - 1];
    }
    if (type instanceof ParameterizedType nested) {
      type = nested.getRawType();
    }
    return type == dev.understudy.pool.RoutePart.class ? String.class : (Class<?>) type;
  }

  /** Sets the table behind each line {@code Below `PREFIX`:} of a page to the settings there. */
  public static String page(String page, Map<String, Component> settings, String top) {
    Set<String> prefixes =
        page.lines()
            .map(line -> prefix(line, top))
            .filter(prefix -> prefix != null)
            .collect(Collectors.toSet());
    String heading = "Below `.+`:|" + Pattern.quote(top);
    // Other text may stand before the table.
    return Pattern.compile(
            "(?m)^(%s)\\n((?:(?!%s|\\|).*\\n)*)(?:\\|.*\\n)+".formatted(heading, heading))
        .matcher(page)
        .replaceAll(
            found -> {
              String prefix = prefix(found.group(1), top);
              return Matcher.quoteReplacement(
                  prefix == null || !isKnown(prefix, settings)
                      ? found.group()
                      : found.group(1) + "\n" + found.group(2) + table(prefix, prefixes, settings));
            });
  }

  private static boolean isKnown(String prefix, Map<String, Component> settings) {
    return settings.keySet().stream().anyMatch(path -> path.startsWith(prefix));
  }

  private static @Nullable String prefix(String line, String top) {
    if (line.equals(top)) {
      return "";
    }
    return line.startsWith("Below `") && line.endsWith("`:")
        ? line.substring("Below `".length(), line.length() - 2)
                .replace("NAME", "*")
                .replace("[]", ".*")
            + "."
        : null;
  }

  /** The settings below the prefix, but not those that another table has. */
  private static String table(
      String prefix, Set<String> prefixes, Map<String, Component> settings) {
    StringBuilder table = new StringBuilder(HEADER);
    settings.forEach(
        (path, component) -> {
          String nearest =
              prefixes.stream()
                  .filter(path::startsWith)
                  .max((a, b) -> Integer.compare(a.length(), b.length()))
                  .orElse("none");
          if (nearest.equals(prefix)) {
            table.append(row(path.substring(prefix.length()), component));
          }
        });
    return table.toString();
  }

  private static String row(String name, Component component) {
    String meaning = SourceComments.of(component.of()).replace("|", "\\|");
    return "| `%s` | %s | %s| %s | %s |\n"
        .formatted(name, type(component), range(component), preset(component), meaning);
  }

  static String type(Component component) {
    Class<?> type = component.of().getType();
    if (type.isRecord()) {
      return "section";
    }
    if (type.isEnum()) {
      return "choice";
    }
    if (component.rule(Setting.Size.class) != null || type == DataSize.class) {
      return "size";
    }
    if (component.rule(Setting.Whole.class) != null || type == int.class || type == Integer.class) {
      return "number";
    }
    if (type == Path.class || (type == Object.class && component.key().endsWith("file"))) {
      return "path";
    }
    if (type == Map.class || component.rule(Setting.OfAllPools.class) != null) {
      return "map";
    }
    if (type == List.class || type == Set.class) {
      return "list";
    }
    return type == Duration.class ? "duration" : isFlag(type) ? "boolean" : "text";
  }

  static boolean isFlag(Class<?> type) {
    return type == boolean.class || type == Boolean.class;
  }

  private static String range(Component component) {
    Setting.Values values = component.rule(Setting.Values.class);
    String bounds = bounds(component);
    String words = values == null ? "" : values.value();
    String range = bounds.isEmpty() || words.isEmpty() ? bounds + words : bounds + ", " + words;
    return range.isEmpty() ? "" : range + " ";
  }

  private static String bounds(Component component) {
    Class<?> type = component.of().getType();
    if (type.isEnum()) {
      return Arrays.stream(type.getEnumConstants())
          .map(each -> "`" + SettingNames.of((Enum<?>) each) + "`")
          .collect(Collectors.joining(", "));
    }
    if (isFlag(type)) {
      return "`true`, `false`";
    }
    return component.rules().stream()
        .map(
            rule ->
                switch (rule) {
                  case Setting.Whole whole -> whole.min() + " to " + whole.max();
                  case Setting.Span span -> span.min() + " to " + span.max();
                  case Setting.Size size -> "0B to " + size.max();
                  case Setting.Entries entries ->
                      (component.rule(Setting.Required.class) == null ? "at most " : "1 to ")
                          + entries.max();
                  case Setting.Text text when component.rule(Setting.Values.class) == null ->
                      words(text.value());
                  default -> "";
                })
        .collect(Collectors.joining());
  }

  private static String words(TextFormat form) {
    return form.expected().replaceFirst("^a text of ", "").replaceAll("'([^' ]+)'", "`$1`");
  }

  /** The default as a file would have it, of static settings too; null if there is none. */
  private static String @Nullable [] preset(RecordComponent component) {
    Setting.Default preset = component.getAnnotation(Setting.Default.class);
    if (preset != null) {
      return preset.value();
    }
    Class<?> record = component.getDeclaringRecord();
    Class<?>[] types =
        Arrays.stream(record.getRecordComponents())
            .map(RecordComponent::getType)
            .toArray(Class<?>[]::new);
    try {
      return Arrays.stream(record.getDeclaredConstructor(types).getParameters())
          .filter(each -> each.getName().equals(component.getName()))
          .map(each -> each.getAnnotation(DefaultValue.class))
          .filter(bound -> bound != null)
          .map(DefaultValue::value)
          .findFirst()
          .orElse(null);
    } catch (NoSuchMethodException e) {
      throw new AssertionError("a record has its canonical constructor", e);
    }
  }

  private static String preset(Component component) {
    if (component.rule(Setting.Required.class) != null) {
      return "required";
    }
    boolean section = component.of().getType().isRecord();
    String[] preset = preset(component.of());
    if (preset != null && preset.length > 0) {
      return "`" + String.join(", ", preset) + "`";
    }
    if (section && preset != null) {
      return "as below";
    }
    Setting.Unset unset = component.rule(Setting.Unset.class);
    if (unset == null) {
      return isOne(component) && component.rule(Setting.OfAllPools.class) == null
          ? "unset"
          : "none";
    }
    if (section) {
      return unset.value();
    }
    return unset.value().isEmpty() ? "unset" : "unset: " + unset.value();
  }
}
