package dev.understudy.haproxy.syntax;

/**
 * Why a configuration cannot be read.
 *
 * @param line from 1
 * @param column from 1; 0: the whole line
 * @param text what is wrong, and what was expected
 */
public record SyntaxProblem(int line, int column, String text) {
  /** The problem with its place in a file. */
  public String in(String file) {
    return file + ":" + line + (column > 0 ? ":" + column : "") + ": " + text;
  }
}
