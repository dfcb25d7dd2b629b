package dev.understudy.proxy;

/** What can go wrong between us and a server, as far as the next step depends on it. */
enum UpstreamFailure {
  /** No connection could be made: refused, unreachable, or its TLS handshake failed. */
  CONNECT_FAILED,
  /** No connection was made in {@code timeouts.connect}. */
  CONNECT_TIMED_OUT,
  /** A connection that had been idle broke without a byte of an answer. */
  STALE,
  /** A new connection broke before the answer's head was whole. */
  BROKEN,
  /** The server was judged DOWN before the answer's head. */
  SERVER_DOWN,
  /** No byte of an answer in {@code timeouts.response}. */
  RESPONSE_TIMED_OUT,
  /** What came back is no HTTP, or not what was asked for. */
  BAD_ANSWER,
  /** The connection broke, or fell silent, after the answer's head had gone to the client. */
  ANSWER_BROKEN
}
