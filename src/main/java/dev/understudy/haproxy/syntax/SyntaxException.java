package dev.understudy.haproxy.syntax;

/** Signals a line that cannot be read; the message says what was expected. */
public final class SyntaxException extends RuntimeException {
  private static final long serialVersionUID = 1;

  private final int column;

  /** A problem of the whole line. */
  public SyntaxException(String expected) {
    this(0, expected);
  }

  public SyntaxException(int column, String expected) {
    super(expected, null, false, false);
    this.column = column;
  }

  /** From 1; 0: the whole line. */
  public int column() {
    return column;
  }

  /** What is wrong, and what was expected. */
  public String text() {
    return String.valueOf(getMessage());
  }
}
