package dev.understudy.proxy.cpu;

import java.io.Serial;

/** Signals that threads cannot be pinned; the message gives the reason, for a log line. */
final class CpuPinningException extends Exception {
  @Serial private static final long serialVersionUID = 1;

  CpuPinningException(String why) {
    super(why);
  }
}
