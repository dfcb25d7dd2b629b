package dev.understudy.pool;

import java.util.List;
import java.util.Locale;
import java.util.Set;

/**
 * Header fields on which framing, tunnels and our own rules rest: filters that change them are left
 * to the Gateway.
 */
public final class ManagedFields {
  private static final Set<String> NAMES =
      Set.of(
          "host",
          "connection",
          "keep-alive",
          "proxy-connection",
          "transfer-encoding",
          "content-length",
          "te",
          "trailer",
          "upgrade",
          "expect",
          "http2-settings",
          "date",
          "forwarded",
          "x-request-id",
          "access-control-request-method",
          "strict-transport-security");

  private static final List<String> PREFIXES =
      List.of("x-forwarded-", "understudy-", "sec-websocket-", "x-http2-");

  private ManagedFields() {}

  /** Whether a field of that name, in any letter case, is one of them. */
  public static boolean has(String name) {
    String lower = name.toLowerCase(Locale.ROOT);
    return NAMES.contains(lower) || PREFIXES.stream().anyMatch(lower::startsWith);
  }
}
