package dev.understudy.haproxy.acl;

import java.util.List;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/** What terms need to know of the rest of a configuration. */
public interface TermContext {
  /** Names of our listeners of the frontend in question that have this port. */
  List<String> listenersOn(int port);

  /** Names of all listeners of the frontend in question. */
  List<String> listeners();

  /** Whether a listener learns from a PROXY protocol header which port a client has reached. */
  default boolean isPortFromProxy() {
    return false;
  }

  /** Our name of a backend; null if there is none. */
  @Nullable String pool(String backend);

  /** Whether a cookie keeps sessions, so that its value is Understudy's own. */
  default boolean isSessionCookie(String name) {
    return false;
  }

  /** Whether a server of a backend is a backup. */
  boolean hasBackups(String backend);

  /**
   * What the rules before give to a variable, in their order.
   *
   * @param name HAProxy's
   */
  default List<Assignment> variable(String name) {
    return List.of();
  }

  /** What the rules before give to a header field of requests, in their order. */
  default List<Assignment> field(String name) {
    return List.of();
  }

  /** The lines of a map file; absent if it cannot be read. */
  Optional<List<MapEntry>> map(String file);
}
