package dev.understudy.testing;

import java.lang.annotation.ElementType;
import java.lang.annotation.Retention;
import java.lang.annotation.RetentionPolicy;
import java.lang.annotation.Target;
import java.util.Arrays;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.extension.ExtensionContext;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.AnnotationBasedArgumentsProvider;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.ArgumentsSource;
import org.junit.jupiter.params.support.ParameterDeclarations;

/**
 * A test of the rows of a text, one a line: cells between bars, of which the last may have bars
 * itself. Blanks around a cell are not part of it, but for those within backquotes; an empty cell
 * is null, and {@code ``} an empty text. A line that begins with {@code #} says what the rows below
 * it show, and is part of their names; one that begins with {@code //} is a comment.
 */
@Target(ElementType.METHOD)
@Retention(RetentionPolicy.RUNTIME)
@ParameterizedTest
@ArgumentsSource(Rows.Source.class)
public @interface Rows {
  String value();

  /** What reads the text. */
  final class Source extends AnnotationBasedArgumentsProvider<Rows> {
    private String heading = "";

    @Override
    protected Stream<? extends Arguments> provideArguments(
        ParameterDeclarations parameters, ExtensionContext context, Rows rows) {
      int columns = parameters.getAll().size();
      return rows.value()
          .lines()
          .filter(line -> !line.isBlank() && !line.startsWith("//"))
          .peek(this::read)
          .filter(line -> !line.startsWith("#"))
          .map(
              line ->
                  Arguments.argumentSet(
                      heading + line.strip().replaceAll(" +", " "), cells(line, columns)));
    }

    private void read(String line) {
      if (line.startsWith("#")) {
        heading = line.substring(1).strip() + ": ";
      }
    }

    private static Object[] cells(String line, int columns) {
      return Arrays.stream(line.split("\\|", columns)).map(Source::cell).toArray();
    }

    private static @Nullable String cell(String text) {
      String cell = text.strip();
      boolean quoted = cell.length() > 1 && cell.startsWith("`") && cell.endsWith("`");
      return quoted ? cell.substring(1, cell.length() - 1) : cell.isEmpty() ? null : cell;
    }
  }
}
