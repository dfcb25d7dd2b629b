package dev.understudy.proxy.affinity;

import java.io.Serial;

/** Signals that threads cannot be pinned; the message gives the reason, for a log line. */
final class CannotPinException extends Exception {
  @Serial private static final long serialVersionUID = 1;

  CannotPinException(String why) {
    super(why);
  }
}
