package dev.understudy.gatewayapi.translate;

import java.util.LinkedHashSet;
import java.util.List;
import java.util.Set;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/** Hostnames of the API: exact, or {@code *.} and a domain, which stands for one label or more. */
final class Hostnames {
  /** Characters (RFC 1035 §2.3.4). */
  private static final int MOST = 253;

  private static final Pattern VALID =
      Pattern.compile("(\\*\\.)?[a-z0-9]([a-z0-9-]*[a-z0-9])?(\\.[a-z0-9]([a-z0-9-]*[a-z0-9])?)*");

  private Hostnames() {}

  static boolean isValid(String hostname) {
    return hostname.length() <= MOST && VALID.matcher(hostname).matches();
  }

  /**
   * Whether one hostname has all names of another.
   *
   * @param wide null for all names
   */
  static boolean covers(@Nullable String wide, String narrow) {
    return wide == null
        || wide.equals(narrow)
        || (wide.startsWith("*.") && narrow.endsWith(wide.substring(1)));
  }

  /**
   * The hostnames that a listener and a route have in common.
   *
   * @param listener null for all names
   * @param route valid ones; none for all names
   * @return empty for all names; null if they have none in common
   */
  static @Nullable List<String> common(@Nullable String listener, List<String> route) {
    if (route.isEmpty()) {
      return listener == null ? List.of() : List.of(listener);
    }
    Set<String> common = new LinkedHashSet<>();
    for (String each : route) {
      if (covers(listener, each)) {
        common.add(each);
      } else if (listener != null && covers(each, listener)) {
        common.add(listener);
      }
    }
    return common.isEmpty() ? null : List.copyOf(common);
  }

  /** The hostname as {@link dev.understudy.pool.ServerNamePatterns} has it. */
  static String pattern(String hostname) {
    return hostname.startsWith("*.") ? "*" + hostname : hostname;
  }
}
