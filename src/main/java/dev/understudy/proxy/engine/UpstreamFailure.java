package dev.understudy.proxy.engine;

/** A failure between this proxy and a server, as far as the next step depends on it. */
enum UpstreamFailure {
  /** No connection could be made: refused, unreachable, or its TLS negotiation failed. */
  CONNECT_FAILED,
  /**
   * There was no local port or address for a connection: the monitor decides whose failure it is.
   */
  NO_PORT,
  /** This machine has no means to make a connection: the server has no part in it. */
  LOCAL_FAILURE,
  /** No connection was made in {@code timeouts.connect}. */
  CONNECT_TIMED_OUT,
  /**
   * A reused connection broke before any byte of the response, or took no more requests before this
   * one was sent.
   */
  STALE,
  /**
   * A connection broke before the response's head was complete; if it was a reused one, after a
   * part of it.
   */
  BROKEN,
  /** The server did not process the request, as it reports, over HTTP/2 (RFC 9113 §8.7). */
  REFUSED,
  /** The server was judged DOWN by silence, or before anything was sent to it. */
  SERVER_DOWN,
  /**
   * No complete head of a response in {@code timeouts.response} after the request's end, or no
   * progress by the server in {@code timeouts.idle} before it.
   */
  RESPONSE_TIMED_OUT,
  /** The response is not HTTP, or not one that was asked for. */
  BAD_RESPONSE,
  /** The connection broke after the response's head had gone to the client. */
  RESPONSE_BROKEN
}
