package dev.understudy.bench.faults;

/**
 * What one client knows of one request of its own.
 *
 * @param replica through which it went
 * @param invoked when it began, by the clock of all processes of the machine
 * @param ended when the client knew the end
 * @param what status and body, or why there was none
 */
record Call(
    String replica, String id, boolean write, long invoked, long ended, End end, String what) {
  /** How it ended. */
  enum End {
    /** Executed, says the response. */
    OK,
    /** The response says that it was not executed, or nothing was sent. */
    FAILED,
    /** It may have been executed, or may be later. */
    UNKNOWN,
    /** The response is that to another request. */
    MIXED_UP,
    /** What came is no response of HTTP/1. */
    GARBLED
  }

  /**
   * How a response ends it. 409 is the application's refusal; 503 is the proxy's, which has sent
   * nothing.
   */
  static End endOf(String id, int status, String body) {
    return switch (status) {
      case 200 -> body.endsWith(" " + id) ? End.OK : End.MIXED_UP;
      case 409 -> body.endsWith(" " + id) ? End.FAILED : End.MIXED_UP;
      case 503 -> End.FAILED;
      default -> End.UNKNOWN;
    };
  }
}
