package dev.understudy.condition;

import dev.understudy.network.IpAddress;
import dev.understudy.pool.PoolId;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * What conditions and values can ask of one request and, once it is there, of its response. The
 * request is seen as changed by the filters before.
 */
public interface Facts {
  String method();

  /** The {@code Host} as it came, with its port; empty if there is none. */
  String authority();

  /**
   * The normalised path, without a query; one of its other {@link PathForms} while they are tried.
   */
  String path();

  /** Path and query as they are sent to the server. */
  String target();

  /** The values of the header's field lines, in order. */
  List<String> headers(String name);

  /** The address of the client, or of the last proxy in front; null if it is not known. */
  @Nullable IpAddress clientAddress();

  /** The port from which the client, or the last proxy in front, has connected. */
  int clientPort();

  /** Whether the client uses TLS, which a trusted proxy may have ended. */
  boolean isTls();

  /** The TLS session of the connection; null if the connection is plain. */
  @Nullable TlsSession session();

  /** The name of the listener that accepted the connection. */
  String listener();

  /** The local port that accepted the connection. */
  int listenerPort();

  /** Whether the request is relayed as a WebSocket handshake. */
  boolean isWebSocket();

  /** The number of usable servers of a pool; 0 if there is no such pool. */
  int usableServers(PoolId pool);

  /** The value that a filter has given to a variable; null if none has. */
  @Nullable String variable(String name);

  /**
   * Whether that value has a slash, as it is or decoded, that came from what a client calls by a
   * name.
   */
  boolean hasClientSlash(String variable);

  String requestId();

  /** The pool that the request goes to. */
  String pool();

  /** The status of the response; 0 before it is there. */
  int status();

  /** The values of the response header's field lines, in order. */
  List<String> responseHeaders(String name);
}
