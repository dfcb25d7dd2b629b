package dev.understudy.traffic;

/**
 * The way in which a request ended; the label {@code outcome} of {@code
 * understudy_requests_seconds}.
 */
public enum RequestEnd {
  /** The client got the whole response of a server. */
  COMPLETED,
  /** A filter, Understudy's own or the Gateway's, gave a local response. */
  LOCAL,
  /** No server was available within {@code hold.time}: 503. */
  NO_SERVER,
  /** Too many requests were held already, or those of the client take too much memory: 503. */
  HOLD_FULL,
  /** An operator set the pool to maintenance, and the client is not one that is served: 503. */
  MAINTENANCE,
  /** The server could not be used and the request could not be replayed: 502. */
  SERVER_FAILED,
  /**
   * The server did not respond in {@code timeouts.response}, or did not take the request in {@code
   * timeouts.idle}: 504.
   */
  RESPONSE_TIMED_OUT,
  /** The server died, or fell silent, after its response began: the response was broken off. */
  RESPONSE_BROKEN,
  /**
   * We ended an event stream, or a response that had run for long, because its server must be left;
   * see {@code on-switch}.
   */
  STREAM_MOVED,
  /** The proxy ended the request because this process stops. */
  STOPPING,
  /** The client disconnected, or did not read in time. */
  CLIENT_GONE,
  /** The client's request could not be forwarded, or did not arrive whole in time: 4xx. */
  BAD_REQUEST,
  /** The client or the server ended the tunnel. */
  TUNNEL_CLOSED,
  /** We ended the tunnel with a close frame. */
  TUNNEL_TOLD,
  /** No byte passed the tunnel for {@code timeouts.tunnel}. */
  TUNNEL_IDLE,
  /** The tunnel broke, or could not be ended with a close frame in time. */
  TUNNEL_BROKEN
}
