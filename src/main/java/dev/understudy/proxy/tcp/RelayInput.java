package dev.understudy.proxy.tcp;

/** What happens to a relayed connection. */
enum RelayInput {
  /** The client was gone before its address could be read. */
  NO_ADDRESS,
  /** All that precedes the bytes to relay has come: the client's pool is known. */
  IDENTIFIED,
  /** A server was found, and one of its places taken. */
  SERVER_FOUND,
  /** The server that is being connected to must not be used any more. */
  SERVER_EXCLUDED,
  /** No connection could be made, or not in time. */
  CONNECT_FAILED,
  /** The connection to the server is made. */
  CONNECTED,
  /**
   * The connection to the server is made; before, a server broke off the connection of this client.
   */
  CONNECTED_ANEW,
  /** Bytes of the client have gone to the server. */
  CLIENT_BYTES,
  /** Bytes of the server have gone to the client. */
  SERVER_BYTES,
  /** The client is gone, or has ended its output, and has sent nothing that waits for a server. */
  CLIENT_LEFT,
  /** The client has ended its output. */
  CLIENT_END,
  /** The client has ended TLS in both directions: writes to it are dropped without a failure. */
  CLIENT_TLS_END,
  /** The server has ended its output. */
  SERVER_END,
  /** The server has ended TLS in both directions. */
  SERVER_TLS_END,
  /** Reading from the client, writing to it or its TLS failed; its channel closes next. */
  CLIENT_FAILED,
  /** A write to the server failed; what it sent can still be read. */
  SERVER_WRITE_FAILED,
  /** The client's channel closed before both directions had ended; the server's is open. */
  CLIENT_BROKE,
  /** The server's channel closed before both directions had ended; the client's is open. */
  SERVER_BROKE,
  /** A channel closed, and the other is closed, or there is none. */
  LAST_CLOSED,
  /** The server is to be left, and its session is between two transactions. */
  SESSION_IDLE,
  /** This proxy ends the connection, for a reason that comes with it. */
  CUT
}
