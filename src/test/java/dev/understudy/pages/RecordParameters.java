package dev.understudy.pages;

import java.lang.reflect.RecordComponent;
import java.nio.file.Path;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** What the javadoc of records says of their components, from the sources, in Markdown. */
public final class RecordParameters {
  private static final Path SOURCES = Path.of("src/main/java");
  private static final Pattern CODE =
      Pattern.compile("\\{@(?:code|link) ((?:[^{}]|\\{(?:[^{}]|\\{[^{}]*})*})*)}");

  private static final Pattern PARTS = Pattern.compile("(?=@param )");

  private RecordParameters() {}

  /** The text of the component's {@code @param}; empty if there is none. */
  public static String of(RecordComponent component) {
    Class<?> type = component.getDeclaringRecord();
    Class<?> outer = type;
    while (outer.getEnclosingClass() != null) {
      outer = outer.getEnclosingClass();
    }
    String source = Pages.read(SOURCES.resolve(outer.getName().replace('.', '/') + ".java"));
    Matcher record = Pattern.compile("\\brecord " + type.getSimpleName() + "\\(").matcher(source);
    if (!record.find()) {
      throw new AssertionError("no source of " + type);
    }
    int begin = source.lastIndexOf("/**", record.start());
    String javadoc = source.substring(begin, source.indexOf("*/", begin));
    String name = "@param " + component.getName() + " ";
    return PARTS
        .splitAsStream(javadoc.replaceAll("\\s*\\n\\s*\\*\\s*", " "))
        .filter(part -> part.startsWith(name))
        .map(part -> CODE.matcher(part.substring(name.length()).strip()).replaceAll("`$1`"))
        .findFirst()
        .orElse("");
  }
}
