package dev.understudy.proxy.listener;

/** A port that cannot be bound; the message says which and why. */
final class BindFailedException extends RuntimeException {
  private static final long serialVersionUID = 1L;

  BindFailedException(String message, Throwable cause) {
    super(message, cause);
  }
}
