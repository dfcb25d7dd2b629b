package dev.understudy.proxy.http;

/** Tokens (RFC 9110 §5.6.2): the names of methods and header fields. */
public final class HttpToken {
  private static final String MARKS = "!#$%&'*+-.^_`|~";
  private static final boolean[] CHARACTERS = new boolean[128];

  static {
    for (char c = 0; c < CHARACTERS.length; c++) {
      CHARACTERS[c] = isLetterOrDigit(c) || MARKS.indexOf(c) >= 0;
    }
  }

  private HttpToken() {}

  /** Whether a text is one token. */
  public static boolean is(CharSequence text) {
    for (int i = 0; i < text.length(); i++) {
      if (!has(text.charAt(i))) {
        return false;
      }
    }
    return !text.isEmpty();
  }

  /** Whether a token may have that character. */
  static boolean has(char c) {
    return c < CHARACTERS.length && CHARACTERS[c];
  }

  /** Whether a character is a letter or a digit of ASCII. */
  public static boolean isLetterOrDigit(int c) {
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9');
  }
}
