package dev.understudy.config;

import dev.understudy.condition.ExpressionException;
import dev.understudy.condition.FileValues;
import java.util.List;

/**
 * Puts the values of files into conditions: {@code client-address(file(blocked.txt))}. A file has
 * one value a line; empty lines and those that begin with {@code #} are left out.
 */
record ConditionFiles(NamedFiles.Reader files) {
  private static final int MOST_VALUES = 10_000;

  /** The condition with the files' values in place of their names. */
  String expanded(String condition) throws ExpressionException {
    return FileValues.expanded(condition, this::values);
  }

  private List<String> values(String name) throws ExpressionException {
    String text;
    try {
      text = files.text(name);
    } catch (NamedFiles.UnusableTextException e) {
      throw new ExpressionException("expected " + e.expectedAt(name));
    }
    List<String> values = FileValues.in(text);
    if (values.isEmpty() || values.size() > MOST_VALUES) {
      throw new ExpressionException(
          "expected 1 to "
              + MOST_VALUES
              + " values, one a line, in "
              + name
              + ", found "
              + values.size());
    }
    return values;
  }
}
