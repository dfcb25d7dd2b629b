package dev.understudy.agreement;

/** A change was refused, as it would not have survived a restart. The message says why. */
public final class NotKeptException extends IllegalStateException {
  private static final long serialVersionUID = 1L;

  NotKeptException(String why) {
    super(why);
  }
}
