package dev.understudy.pages;

import java.lang.reflect.RecordComponent;
import java.nio.file.Path;
import java.util.List;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** What the javadoc says of components of records and of constants, in Markdown. */
public final class SourceComments {
  private static final Path SOURCES = Path.of("src/main/java");
  private static final Pattern CODE =
      Pattern.compile("\\{@(?:code|link) ((?:[^{}]|\\{(?:[^{}]|\\{[^{}]*})*})*)}");

  private static final Pattern PARAGRAPHS = Pattern.compile("<p>");
  private static final Pattern PARTS = Pattern.compile("(?=@param )");

  private SourceComments() {}

  /** The text of the component's {@code @param}; empty if there is none. */
  public static String of(RecordComponent component) {
    Class<?> type = component.getDeclaringRecord();
    String name = "@param " + component.getName() + " ";
    return PARTS
        .splitAsStream(before(type, "\\brecord " + type.getSimpleName() + "\\("))
        .filter(part -> part.startsWith(name))
        .map(part -> markdown(part.substring(name.length())))
        .findFirst()
        .orElse("");
  }

  /** The paragraphs before the constant. */
  static List<String> of(Enum<?> constant) {
    return PARAGRAPHS
        .splitAsStream(before(constant.getDeclaringClass(), "\n  " + constant.name() + "\\("))
        .map(SourceComments::markdown)
        .toList();
  }

  private static String markdown(String javadoc) {
    return CODE.matcher(javadoc.strip()).replaceAll("`$1`");
  }

  /** The comment on what the pattern finds in the source of a class, on one line. */
  private static String before(Class<?> type, String pattern) {
    Class<?> outer = type;
    while (outer.getEnclosingClass() != null) {
      outer = outer.getEnclosingClass();
    }
    String source = Pages.read(SOURCES.resolve(outer.getName().replace('.', '/') + ".java"));
    Matcher found = Pattern.compile(pattern).matcher(source);
    if (!found.find()) {
      throw new AssertionError("no source of " + pattern + " in " + type);
    }
    int begin = source.lastIndexOf("/**", found.start());
    return source
        .substring(begin + "/**".length(), source.indexOf("*/", begin))
        .replaceAll("(?:\\s*\\n\\s*\\*?)+\\s*", " ");
  }
}
