package dev.understudy.fuzz;

import java.util.Locale;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** How the server responds: each request names it in its target, as {@code a-cut}. */
enum Act {
  /** With a length. */
  OK,
  CHUNKED,
  /** Until the connection's end. */
  CLOSING,
  NO_CONTENT,
  NOT_MODIFIED,
  /** 103 first, and 100 for those that wait for it. */
  INFORMATIONAL,
  /** More than the sockets' buffers hold. */
  LARGE,
  /** Before it reads the body. */
  EARLY,
  /** The same, with an error and the connection's end. */
  EARLY_CLOSING,
  /** With more bytes than the response has. */
  STRAY,
  /** Half of it, then a reset. */
  CUT,
  /** Half of it in chunks, then the end. */
  CUT_CHUNKED,
  /** With the end of the connection, each time. */
  NONE,
  /** The same, but only the first time. */
  ONCE,
  /** With 101 if it is asked for a WebSocket, else as {@link #OK}. */
  SWITCH;

  private static final Pattern NAMED = Pattern.compile("a-([a-z_]+)");

  /** For a target. */
  String word() {
    return "a-" + name().toLowerCase(Locale.ROOT);
  }

  /** What that target names; {@link #OK} if nothing. */
  static Act of(String target) {
    Matcher named = NAMED.matcher(target);
    if (named.find()) {
      for (Act act : values()) {
        if (act.name().equalsIgnoreCase(named.group(1))) {
          return act;
        }
      }
    }
    return OK;
  }

  /** Whether a client may get less than a response. */
  boolean breaks() {
    return this == CUT || this == CUT_CHUNKED;
  }
}
