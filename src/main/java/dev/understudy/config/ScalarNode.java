package dev.understudy.config;

import org.jspecify.annotations.Nullable;

/**
 * One value of the file.
 *
 * @param text as written, quotes and escapes taken off
 * @param value what YAML takes it for: a text, number or boolean; null: nothing
 */
record ScalarNode(String path, Position at, String text, @Nullable Object value) implements Node {
  boolean isNull() {
    return value == null;
  }

  boolean isText() {
    return value instanceof String;
  }

  /** Whether the value is what is written: YAML 1.1 makes a boolean of {@code on}, 8 of 010. */
  boolean isAsWritten() {
    return text.equals(String.valueOf(value));
  }
}
