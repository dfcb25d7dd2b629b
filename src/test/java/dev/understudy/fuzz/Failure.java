package dev.understudy.fuzz;

/**
 * A script after which something does not hold.
 *
 * @param details what everybody saw
 */
public record Failure(String what, String script, String details) {
  @Override
  public String toString() {
    return what + "\n" + script + "\n" + details;
  }
}
