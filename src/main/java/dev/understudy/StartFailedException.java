package dev.understudy;

/** The proxy did not start, and Spring Boot has said why. */
final class StartFailedException extends RuntimeException {
  StartFailedException(RuntimeException cause) {
    super(cause);
  }
}
