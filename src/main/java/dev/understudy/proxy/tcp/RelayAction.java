package dev.understudy.proxy.tcp;

/** What a relay does because of an input. */
enum RelayAction {
  NOTHING,
  /** Closes the client's channel, which is counted nowhere. */
  CLOSE_UNCOUNTED,
  /** Looks for a server. */
  SELECT,
  /** Begins to connect to the server that was found. */
  CONNECT,
  /** Gives the attempt up, and looks for a server. */
  RESELECT,
  /** Gives the attempt up, reports its failure, and looks for another server or waits. */
  RETRY,
  /** Joins both channels. */
  JOIN,
  /**
   * Reports that the server broke the connection off, and awaits proof that it lives, or another.
   */
  SETTLE,
  /** Ends the client's output. */
  SHUT_CLIENT,
  /** Ends the server's output. */
  SHUT_SERVER,
  /** Closes both channels once everything is written. */
  FINISH_BOTH,
  /** The same, with the last messages of the session's protocol. */
  FINISH_SESSION,
  /** Resets the server's channel, with all that is not sent yet; gives up one that is not made. */
  RESET_SERVER,
  /** Resets both channels. */
  RESET_BOTH,
  /** Resets the client's channel once everything is written. */
  RESET_CLIENT_AFTER_WRITES,
  /** Leaves the server, and tells how the connection ended. */
  END
}
