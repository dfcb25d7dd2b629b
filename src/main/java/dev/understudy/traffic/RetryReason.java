package dev.understudy.traffic;

/** Why a request was replayed; the label {@code reason} of {@code understudy_retries_total}. */
public enum RetryReason {
  /** No connection could be made. */
  CONNECT_FAILED,
  /** An idle connection turned out to be closed. */
  STALE_CONNECTION,
  /** A connection broke before a response byte. */
  BROKEN,
  /** The server was judged DOWN while the response was awaited. */
  SERVER_DOWN
}
