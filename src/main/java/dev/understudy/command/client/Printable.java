package dev.understudy.command.client;

/**
 * Text from elsewhere, made safe for a terminal: a message may quote what a server or a client
 * sent, and escape sequences in it would be obeyed.
 */
final class Printable {
  private Printable() {}

  /** Replaces line breaks and tabs by a space, and other control characters by {@code ?}. */
  static String of(String text) {
    StringBuilder safe = null;
    for (int i = 0; i < text.length(); i++) {
      char c = text.charAt(i);
      if (Character.isISOControl(c)) {
        safe = safe == null ? new StringBuilder(text) : safe;
        safe.setCharAt(i, c == '\n' || c == '\r' || c == '\t' ? ' ' : '?');
      }
    }
    return safe == null ? text : safe.toString();
  }
}
