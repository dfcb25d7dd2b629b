package dev.understudy.traffic;

/**
 * The reason why a request was replayed; the label {@code reason} of {@code
 * understudy_retries_total}.
 */
public enum RetryReason {
  /** No connection could be made. */
  CONNECT_FAILED,
  /** This machine has no means to make a connection, such as a file descriptor. */
  LOCAL_FAILURE,
  /** A reused connection turned out to be closed. */
  STALE_CONNECTION,
  /** A connection broke before a response byte. */
  BROKEN,
  /** The server reported over HTTP/2 that it did not process the request. */
  REFUSED,
  /** The server was judged DOWN while the response was awaited. */
  SERVER_DOWN
}
