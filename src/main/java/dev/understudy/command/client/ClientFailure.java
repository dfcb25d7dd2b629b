package dev.understudy.command.client;

import dev.understudy.text.Printable;

/** A failure that ends a command: one line for standard error, and the exit status. */
final class ClientFailure extends RuntimeException {
  private static final long serialVersionUID = 1;

  private final int status;

  private ClientFailure(int status, String message) {
    super(message, null, false, false);
    this.status = status;
  }

  static ClientFailure failed(String message) {
    return new ClientFailure(ExitStatus.FAILED, message);
  }

  static ClientFailure usage(String message) {
    return new ClientFailure(ExitStatus.USAGE, message);
  }

  static ClientFailure unreachable(String message) {
    return new ClientFailure(ExitStatus.UNREACHABLE, message);
  }

  static ClientFailure notKnown(String message) {
    return new ClientFailure(ExitStatus.NOT_KNOWN, message);
  }

  int status() {
    return status;
  }

  /** The message as one line without control characters. */
  String line() {
    return Printable.escaped(String.valueOf(getMessage()));
  }
}
