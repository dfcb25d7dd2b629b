package dev.understudy.config;

import org.jspecify.annotations.Nullable;

/**
 * A scalar of the file.
 *
 * @param text as written, without quotes and escapes
 * @param value the value that YAML reads: a text, number or boolean; null for YAML's null
 */
record ScalarNode(String path, Position at, String text, @Nullable Object value) implements Node {
  boolean isNull() {
    return value == null;
  }

  boolean isText() {
    return value instanceof String;
  }

  /**
   * Whether YAML reads the value as it is written: YAML 1.1 reads {@code on} as a boolean and 010
   * as 8.
   */
  boolean isAsWritten() {
    return text.equals(String.valueOf(value));
  }
}
