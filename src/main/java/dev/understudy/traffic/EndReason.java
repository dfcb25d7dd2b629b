package dev.understudy.traffic;

/** How a request ended; the label {@code outcome} of {@code understudy_requests_seconds}. */
public enum EndReason {
  /** A server's response went to the client whole. */
  ANSWERED,
  /** A filter of ours, or of the Gateway, answered. */
  LOCAL,
  /** Nobody could serve within {@code hold.time}: 503. */
  NO_SERVER,
  /** Too many were waiting already: 503. */
  HOLD_FULL,
  /** The server could not be used and the request could not be replayed: 502. */
  SERVER_FAILED,
  /** No response byte in {@code timeouts.response}: 504. */
  RESPONSE_TIMED_OUT,
  /** The server died, or fell silent, after its response began: the client was broken off. */
  ANSWER_BROKEN,
  /**
   * We ended an event stream, or a response that had run for long, because its server is not the
   * one to read from any more; see {@code on-switch}.
   */
  STREAM_MOVED,
  /** We ended it because our own process stops. */
  STOPPING,
  /** The client went away, or did not read. */
  CLIENT_GONE,
  /** The client's request could not be forwarded, or did not come whole in time: 4xx. */
  BAD_REQUEST,
  /** A tunnel that one of the two sides ended. */
  TUNNEL_CLOSED,
  /** A tunnel that we ended with a close frame. */
  TUNNEL_TOLD,
  /** A tunnel without a byte for {@code timeouts.tunnel}. */
  TUNNEL_IDLE,
  /** A tunnel that broke, or that could not be told in time. */
  TUNNEL_BROKEN
}
