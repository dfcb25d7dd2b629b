package dev.understudy.traffic;

/**
 * The way in which a relayed TCP connection ended; the label {@code outcome} of {@code
 * understudy_connections_total}.
 */
public enum ConnectionEnd {
  /** Both sides ended the connection in order. */
  CLOSED,
  /** The client reset it, or left before it reached a server. */
  CLIENT_GONE,
  /** The server reset the connection, or its TLS broke. */
  SERVER_FAILED,
  /** We ended it because its server must be left; see {@code on-switch.connections}. */
  MOVED,
  /** No byte passed for {@code timeouts.tunnel}. */
  IDLE,
  /** No server was available within {@code hold.time}. */
  NO_SERVER,
  /** Too many connections were held already. */
  HOLD_FULL,
  /** An operator set the pool to maintenance, and the client is not one that is served. */
  MAINTENANCE,
  /** The proxy ended the connection because this process stops. */
  STOPPING,
  /**
   * Its beginning was refused: a bad or late PROXY protocol header, TLS handshake or server name.
   */
  REFUSED
}
