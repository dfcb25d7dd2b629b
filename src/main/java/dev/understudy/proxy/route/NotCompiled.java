package dev.understudy.proxy.route;

/** Something of a route is left to the Gateway; the message tells the operator what, and why. */
final class NotCompiled extends Exception {
  private static final long serialVersionUID = 1;

  NotCompiled(String why) {
    super(why);
  }

  String why() {
    return String.valueOf(getMessage());
  }
}
