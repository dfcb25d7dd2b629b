package dev.understudy.proxy;

/** What can go wrong between us and a server, as far as the next step depends on it. */
enum UpstreamFailure {
  /** No connection could be made: refused, unreachable, or its TLS handshake failed. */
  CONNECT_FAILED,
  /** No connection was made in {@code timeouts.connect}. */
  CONNECT_TIMED_OUT,
  /** A connection that had been idle broke without a byte of a response. */
  STALE,
  /** A new connection broke before the response's head was whole. */
  BROKEN,
  /** The server was judged DOWN before the response's head. */
  SERVER_DOWN,
  /** No byte of a response in {@code timeouts.response}. */
  RESPONSE_TIMED_OUT,
  /** What came back is no HTTP, or not what was asked for. */
  BAD_RESPONSE,
  /** The connection broke, or fell silent, after the response's head had gone to the client. */
  ANSWER_BROKEN
}
