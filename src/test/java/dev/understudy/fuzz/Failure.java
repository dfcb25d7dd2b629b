package dev.understudy.fuzz;

/**
 * A script after which something does not hold.
 *
 * @param details what everybody saw
 */
public record Failure(String what, String script, String details) {
  /** What it is without what it is about. */
  public String kind() {
    int colon = what.indexOf(':');
    return colon < 0 ? what : what.substring(0, colon);
  }

  @Override
  public String toString() {
    return what + "\n" + script + "\n" + details;
  }
}
