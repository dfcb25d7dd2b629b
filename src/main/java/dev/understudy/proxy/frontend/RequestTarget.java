package dev.understudy.proxy.frontend;

import dev.understudy.proxy.http.NormalTarget;
import org.jspecify.annotations.Nullable;

/** A request's target in two forms: as received, to be forwarded, and normalised, for routes. */
final class RequestTarget {
  private RequestTarget() {}

  /** Whether a {@code Host} ends with the colon of an empty port. */
  static boolean hasEmptyPort(@Nullable String host) {
    return host != null && host.endsWith(":");
  }

  /** Removes an empty port, which equals none (RFC 3986 §6.2.3): routes match the name alone. */
  static @Nullable String withoutEmptyPort(@Nullable String host) {
    return host != null && hasEmptyPort(host) ? host.substring(0, host.length() - 1) : host;
  }

  /** Removes scheme and authority, which a client may send to a proxy (RFC 9112 §3.2.2). */
  static String originForm(String target) {
    int scheme = target.startsWith("/") ? -1 : target.indexOf("://");
    if (scheme <= 0) {
      return target;
    }
    int end = scheme + 3;
    while (end < target.length() && "/?#".indexOf(target.charAt(end)) < 0) {
      end++;
    }
    String rest = target.substring(end);
    return rest.startsWith("/") ? rest : "/" + rest;
  }

  /** Returns the normalised path of a target in origin-form, on which routes match. */
  static String normalisedPath(String target) {
    int question = target.indexOf('?');
    return NormalTarget.of(question < 0 ? target : target.substring(0, question));
  }

  /**
   * Returns the normalised form of a target in origin-form, path and query.
   *
   * @param path the target's normalised path
   */
  static String normalised(String target, String path) {
    int question = target.indexOf('?');
    return question < 0 ? path : path + NormalTarget.of(target.substring(question));
  }
}
