package dev.understudy.text;

import java.io.FileNotFoundException;
import java.net.NoRouteToHostException;
import java.util.Locale;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * A failure of a socket or of TLS in plain words, without the names of system calls or a library's
 * numbers.
 */
public final class FailureText {
  /** An error of BoringSSL, which has an alert of the other side in its name. */
  private static final Pattern BORINGSSL =
      Pattern.compile(
          "error:[0-9a-fA-F]+:[^:]*:OPENSSL_internal:(?:(?:SSLV3|TLSV1)_ALERT_(\\w+)|(\\w+))");

  /** A system call of Netty's native transports: its name and number, the reason, the address. */
  private static final Pattern SYSTEM_CALL =
      Pattern.compile("\\w+\\(\\.\\.\\) failed with error\\(-?\\d+\\): ([^:]+).*", Pattern.DOTALL);

  private FailureText() {}

  private static String words(Matcher error) {
    String alert = error.group(1);
    return alert == null
        ? error.group(2).toLowerCase(Locale.ROOT).replace('_', ' ')
        : "received fatal alert: " + alert.toLowerCase(Locale.ROOT);
  }

  /**
   * Returns a phrase for people, safe for one line: {@code "connection refused"}.
   *
   * @param most limit in characters for a failure that has no words of its own here
   */
  public static String of(Throwable cause, int most) {
    String message = cause.getMessage();
    if (message == null || message.isEmpty()) {
      // Netty's, of a socket in the file system that is not there.
      return cause instanceof FileNotFoundException
          ? "no such file"
          : cause.getClass().getSimpleName();
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
    if (lower.contains("pool has been shut down")) {
      return "its connections were silent and have been given up";
    }
    Matcher call = SYSTEM_CALL.matcher(message);
    if (call.matches()) {
      return Printable.escapedAndCut(call.group(1).toLowerCase(Locale.ROOT), most);
    }
    Matcher library = BORINGSSL.matcher(message);
    return Printable.escapedAndCut(library.lookingAt() ? words(library) : message, most);
  }
}
