package dev.understudy.proxy.affinity;

import java.io.Serial;

/** The message says why, for a log line. */
final class CannotPinException extends Exception {
  @Serial private static final long serialVersionUID = 1;

  CannotPinException(String why) {
    super(why);
  }
}
