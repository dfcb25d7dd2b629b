package dev.understudy.text;

import java.net.NoRouteToHostException;
import java.util.Locale;

/** A socket's failure in the system's words, without the names of system calls. */
public final class FailureText {
  private FailureText() {}

  /**
   * Returns a phrase for people, safe for one line: {@code "connection refused"}.
   *
   * @param most limit in characters for a failure that has no words of its own here
   */
  public static String of(Throwable cause, int most) {
    String message = cause.getMessage();
    if (message == null || message.isEmpty()) {
      return cause.getClass().getSimpleName();
    }
    String lower = message.toLowerCase(Locale.ROOT);
    if (lower.contains("connection refused")) {
      return "connection refused";
    }
    if (lower.contains("connection reset") || lower.contains("broken pipe")) {
      return "connection reset";
    }
    if (cause instanceof NoRouteToHostException || lower.contains("no route to host")) {
      return "no route to host";
    }
    return Printable.escapedAndCut(message, most);
  }
}
