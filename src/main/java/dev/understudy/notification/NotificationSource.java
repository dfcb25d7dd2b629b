package dev.understudy.notification;

import java.net.URI;
import java.net.URLEncoder;
import java.nio.charset.StandardCharsets;
import org.jspecify.annotations.Nullable;

/**
 * Where notifications come from.
 *
 * @param installation the name of all replicas together
 * @param replica the name of this one
 * @param replicated whether replicas agree
 * @param history the name of this run's {@link dev.understudy.history.History}
 * @param console the console's address; null if none is set
 */
public record NotificationSource(
    String installation,
    String replica,
    boolean replicated,
    String history,
    @Nullable URI console) {
  /** CloudEvents' source: a replica, or with null all replicas together. */
  String source(@Nullable String of) {
    return "/understudy/" + installation + (of == null ? "" : "/" + of);
  }

  /** The console's page of a pool, or with null its first; null if there is no address. */
  @Nullable String link(@Nullable String pool) {
    if (console == null) {
      return null;
    }
    String base = console.toString().replaceFirst("/$", "") + "/";
    return pool == null
        ? base
        : base + "#/pools/" + URLEncoder.encode(pool, StandardCharsets.UTF_8);
  }
}
