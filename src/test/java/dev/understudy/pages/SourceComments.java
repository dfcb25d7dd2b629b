package dev.understudy.pages;

import dev.understudy.pool.FilterKind;
import java.io.File;
import java.lang.reflect.RecordComponent;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** What the javadoc says of components of records and of constants, in Markdown. */
public final class SourceComments {
  private static final Path SOURCES = Path.of("src/main/java");
  private static final Path FILTERS = SOURCES.resolve("dev/understudy/proxy/filter");
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

  /** The paragraphs before the constant in the file of a filter. */
  static List<String> of(FilterKind kind) {
    String row = "FilterKind\\.(?:own|gateway)\\(\\s*\"" + kind.name() + "\"";
    return Arrays.stream(FILTERS.toFile().listFiles())
        .map(File::toPath)
        .map(Pages::read)
        .filter(source -> Pattern.compile(row).matcher(source).find())
        .map(source -> before(source, row))
        .flatMap(PARAGRAPHS::splitAsStream)
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
    return before(
        Pages.read(SOURCES.resolve(outer.getName().replace('.', '/') + ".java")), pattern);
  }

  private static String before(String source, String pattern) {
    Matcher found = Pattern.compile(pattern).matcher(source);
    if (!found.find()) {
      throw new AssertionError("no " + pattern + " in " + source);
    }
    int begin = source.lastIndexOf("/**", found.start());
    return source
        .substring(begin + "/**".length(), source.indexOf("*/", begin))
        .replaceAll("(?:\\s*\\n\\s*\\*?)+\\s*", " ");
  }
}
