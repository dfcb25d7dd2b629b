package dev.understudy.haproxy.syntax;

/**
 * A word of a line, without its quotes and escapes.
 *
 * @param column from 1, of its first character in the line
 */
public record Word(String text, int column) {
  @Override
  public String toString() {
    return text;
  }
}
