package dev.understudy.condition;

/** Thrown for a malformed condition or value; the message says what is expected, and where. */
public final class ExpressionException extends Exception {
  private static final long serialVersionUID = 1;

  public ExpressionException(String message) {
    super(message);
  }

  /** The message, which can follow a colon. */
  public String why() {
    return String.valueOf(getMessage());
  }
}
