package dev.understudy.agreement;

/**
 * It is not known whether a change was made, or will be: the store may have got it, and its answer
 * was lost. The message says why, for people.
 */
public final class NotKnownException extends IllegalStateException {
  private static final long serialVersionUID = 1L;

  public NotKnownException(String why) {
    super(why);
  }
}
