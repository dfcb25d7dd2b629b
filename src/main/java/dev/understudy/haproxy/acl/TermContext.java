package dev.understudy.haproxy.acl;

import java.util.List;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/** The parts of a configuration that terms depend on. */
public interface TermContext {
  /** Names of the frontend's listeners on this port. */
  List<String> listenersOn(int port);

  /** Names of all listeners of the frontend. */
  List<String> listeners();

  /** Whether a listener takes the port that a client has reached from a PROXY protocol header. */
  boolean isPortFromProxy();

  /** The name of a backend's pool; null if there is none. */
  @Nullable String pool(String backend);

  /** Whether a cookie keeps sessions, so that its value is Understudy's own. */
  boolean isSessionCookie(String name);

  /** Whether a server of a backend is a backup. */
  boolean hasBackups(String backend);

  /** The values that earlier rules give to the variable of that HAProxy name, in order. */
  List<Assignment> variable(String name);

  /** The values that earlier rules give to a header field of requests, in order. */
  List<Assignment> field(String name);

  /** The lines of a map file; absent if it cannot be read. */
  Optional<List<MapLookup.Entry>> map(String file);
}
