package dev.understudy.proxy.filter;

/**
 * Thrown for a part of a route that is left to the Gateway; the message tells the operator which,
 * and why.
 */
public final class NotCompilableException extends Exception {
  private static final long serialVersionUID = 1;

  public NotCompilableException(String why) {
    super(why);
  }

  public String why() {
    return String.valueOf(getMessage());
  }
}
