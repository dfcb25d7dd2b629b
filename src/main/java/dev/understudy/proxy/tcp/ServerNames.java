package dev.understudy.proxy.tcp;

import dev.understudy.pool.Listener;
import dev.understudy.pool.PoolId;
import java.util.Locale;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** Finds a listener's pool by server name: two look-ups in a hash table, whatever its size. */
final class ServerNames {
  private final Map<String, PoolId> names;
  private final @Nullable PoolId other;

  ServerNames(Listener listener) {
    names = Map.copyOf(listener.serverNames());
    other = listener.pool();
  }

  /** Whether the pool depends on the server name. */
  boolean isAsked() {
    return !names.isEmpty();
  }

  /** The pool for that name; null if there is none. */
  @Nullable PoolId pool(@Nullable String serverName) {
    if (serverName == null) {
      return other;
    }
    String full = serverName.toLowerCase(Locale.ROOT);
    String name = full.endsWith(".") ? full.substring(0, full.length() - 1) : full;
    PoolId exact = names.get(name);
    if (exact != null) {
      return exact;
    }
    int dot = name.indexOf('.');
    PoolId wild = dot < 0 ? null : names.get("*" + name.substring(dot));
    return wild == null ? other : wild;
  }
}
