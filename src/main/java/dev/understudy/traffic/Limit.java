package dev.understudy.traffic;

/** A limit that took effect; the label {@code limit} of {@code understudy_limited_total}. */
public enum Limit {
  /** {@code understudy.client.header-timeout}: a request's head did not come in time. */
  HEADER_TIME,
  /** {@code understudy.client.max-headers}. */
  HEADER_COUNT,
  /**
   * {@code understudy.client.max-header-size}; over HTTP/2 also of trailers, and either in more
   * than 16 small frames.
   */
  HEADER_SIZE,
  /** {@code understudy.client.max-cookies}. */
  COOKIE_COUNT,
  /** {@code understudy.client.max-request-line}. */
  REQUEST_LINE,
  /** {@code understudy.client.max-path-segments}. */
  PATH_SEGMENT_COUNT,
  /** {@code understudy.client.max-query-parameters}. */
  QUERY_PARAMETER_COUNT,
  /** {@code understudy.client.max-body}. */
  BODY_SIZE,
  /**
   * {@code understudy.client.idle}: a client neither sent nor read when it was its turn; over
   * HTTP/2 also if it sent empty DATA frames, or PING and SETTINGS frames whose acknowledgements it
   * did not read.
   */
  CLIENT_IDLE,
  /**
   * {@code understudy.client.memory}: a connection, or a stream of HTTP/2, was ended because its
   * client left more unread than its share.
   */
  CLIENT_MEMORY,
  /** {@code understudy.client.max-connections}. */
  CONNECTIONS,
  /** {@code understudy.client.max-connections-per-address}. */
  CONNECTIONS_PER_ADDRESS,
  /**
   * {@code understudy.client.max-requests-per-connection}; over HTTP/2 also more than 200 within 30
   * s that were reset or refused.
   */
  REQUESTS_PER_CONNECTION,
  /** {@code hold.requests} of a pool. */
  HELD_REQUESTS,
  /**
   * {@code hold.body} of a pool, or {@code hold.requests} times that in all: the body of a request
   * that permits a replay is not kept, so that there can be none.
   */
  HELD_BYTES,
  /** {@code understudy.server.max-header-size}, of a server's response. */
  RESPONSE_HEADER_SIZE,
  /** {@code understudy.server.max-headers}, of a server's response. */
  RESPONSE_HEADER_COUNT,
  /** The filter {@code RateLimit}. */
  REQUEST_RATE,
  /** Passwords that wait to be checked for {@code BasicAuth}: at most 128. */
  PASSWORD_CHECKS,
  /** Requests that wait for the authenticator of a {@code ForwardAuth}: its {@code concurrent}. */
  FORWARD_AUTH,
  /** Responses that are compressed at a time: at most 256; others are sent as they are. */
  COMPRESSIONS
}
