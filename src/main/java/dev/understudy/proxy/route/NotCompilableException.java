package dev.understudy.proxy.route;

/**
 * Thrown for a part of a route that is left to the Gateway; the message tells the operator which,
 * and why.
 */
final class NotCompilableException extends Exception {
  private static final long serialVersionUID = 1;

  NotCompilableException(String why) {
    super(why);
  }

  String why() {
    return String.valueOf(getMessage());
  }
}
