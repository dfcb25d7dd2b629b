package dev.understudy.command.client;

/** The exit statuses of the client commands; {@code status} alone gives 1 and 2 another meaning. */
final class ExitStatus {
  static final int DONE = 0;

  /** The replica refused the request or could not carry it out; {@code status}: degraded. */
  static final int FAILED = 1;

  /** Wrong arguments; {@code status}: nobody serves in some pool. */
  static final int USAGE = 2;

  /**
   * No usable response: not reachable, timed out, or not a management API; {@code status}: also
   * refused requests and wrong arguments, as UNKNOWN of monitoring plug-ins.
   */
  static final int UNREACHABLE = 3;

  /** It is not known whether the change was made: it was sent, and its outcome was lost. */
  static final int NOT_KNOWN = 4;

  private ExitStatus() {}
}
