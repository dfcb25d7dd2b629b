package dev.understudy.probe;

/**
 * A text that limits how many characters a regular expression reads from it.
 *
 * <p>{@code java.util.regex} backtracks, so that an expression such as {@code (a+)+$} can take
 * longer than the universe has; but each of its steps reads characters. Counting them gives the
 * same verdict on a fast machine and on a slow or busy one, which a time limit would not.
 */
final class BoundedText implements CharSequence {
  /** Thrown when the limit is reached. Carries no stack trace: it only ends a match. */
  static final class TooManyLooks extends RuntimeException {
    private static final long serialVersionUID = 1;

    TooManyLooks() {
      super("too many steps", null, false, false);
    }
  }

  /** Limit of characters read: sixty for each byte of the largest body, some 20 ms. */
  static final int LOOKS = 60 * HttpProbe.MAX_BODY;

  private final String text;
  private int looksLeft = LOOKS;

  BoundedText(String text) {
    this.text = text;
  }

  @Override
  public char charAt(int index) {
    if (--looksLeft < 0) {
      throw new TooManyLooks();
    }
    return text.charAt(index);
  }

  @Override
  public int length() {
    return text.length();
  }

  @Override
  public CharSequence subSequence(int start, int end) {
    return text.subSequence(start, end);
  }

  @Override
  public String toString() {
    return text;
  }
}
