package dev.understudy.haproxy.syntax;

import java.util.Locale;
import org.jspecify.annotations.Nullable;

/** Kinds of sections, of HAProxy 1.8 to 3.4. */
public enum SectionKind {
  GLOBAL,
  DEFAULTS,
  FRONTEND,
  BACKEND,
  LISTEN,
  USERLIST,
  PEERS,
  RESOLVERS,
  MAILERS,
  CACHE,
  HTTP_ERRORS,
  PROGRAM,
  RING,
  LOG_FORWARD,
  LOG_PROFILE,
  FCGI_APP,
  CRT_STORE,
  TRACES,
  ACME,
  HEALTHCHECK,
  NAMESPACE_LIST;

  /** As the configuration writes it. */
  public String keyword() {
    return this == NAMESPACE_LIST
        ? "namespace_list"
        : name().toLowerCase(Locale.ROOT).replace('_', '-');
  }

  /** The kind that a keyword begins; null if it begins none. */
  public static @Nullable SectionKind of(String keyword) {
    for (SectionKind kind : values()) {
      if (kind.keyword().equals(keyword)) {
        return kind;
      }
    }
    return null;
  }

  /** Whether it needs a name. */
  boolean isNamed() {
    return switch (this) {
      case FRONTEND, BACKEND, LISTEN, USERLIST, PEERS, RESOLVERS, MAILERS, CACHE, HEALTHCHECK ->
          true;
      default -> false;
    };
  }

  /** Whether the section takes part in proxying: defaults, frontend, backend or listen. */
  public boolean isProxy() {
    return this == DEFAULTS || this == FRONTEND || this == BACKEND || this == LISTEN;
  }
}
