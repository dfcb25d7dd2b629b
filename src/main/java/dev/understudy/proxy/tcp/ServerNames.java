package dev.understudy.proxy.tcp;

import dev.understudy.pool.Listener;
import dev.understudy.pool.PoolId;
import java.util.Locale;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** Finds a listener's pool by server name: two look-ups in a hash table, whatever its size. */
final class ServerNames {
  private final Map<String, PoolId> names;

  ServerNames(Listener listener) {
    names = Map.copyOf(listener.serverNames());
  }

  /** Whether the pool depends on the server name. */
  boolean isAsked() {
    return !names.isEmpty();
  }

  /** The pool for that name; null if there is none. */
  @Nullable PoolId pool(@Nullable String serverName) {
    if (serverName == null) {
      return null;
    }
    String full = serverName.toLowerCase(Locale.ROOT);
    String name = full.endsWith(".") ? full.substring(0, full.length() - 1) : full;
    PoolId exact = names.get(name);
    if (exact != null) {
      return exact;
    }
    int dot = name.indexOf('.');
    return dot < 0 ? null : names.get("*" + name.substring(dot));
  }
}
