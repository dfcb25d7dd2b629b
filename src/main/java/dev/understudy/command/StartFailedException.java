package dev.understudy.command;

/** The proxy did not start, and Spring Boot has said why. */
public final class StartFailedException extends RuntimeException {
  public StartFailedException(RuntimeException cause) {
    super(cause);
  }

  /**
   * Says on standard error why the program failed, unless Spring Boot has.
   *
   * @return the exit status
   */
  public static int report(Exception failure) {
    if (!(failure instanceof StartFailedException)) {
      System.err.println("understudy: " + failure);
    }
    return 1;
  }
}
