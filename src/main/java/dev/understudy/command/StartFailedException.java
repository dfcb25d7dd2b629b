package dev.understudy.command;

/** Signals that the proxy did not start, after Spring Boot has reported the reason. */
public final class StartFailedException extends RuntimeException {
  public StartFailedException(RuntimeException cause) {
    super(cause);
  }

  /**
   * Reports a failure on standard error unless Spring Boot has done so.
   *
   * @return the exit status, 1
   */
  public static int report(Exception failure) {
    if (!(failure instanceof StartFailedException)) {
      System.err.println("understudy: " + failure);
    }
    return 1;
  }
}
