package dev.understudy.gatewayapi.object;

import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * A listener of a Gateway or ListenerSet.
 *
 * @param hostname in small letters, exact or {@code *.} and a domain; null for all
 * @param protocol {@code HTTP}, {@code HTTPS}, {@code TLS}, {@code TCP}, or another one
 * @param tls null without this section
 * @param namespaces whose routes may attach
 * @param kinds of routes that may attach; null for all that the protocol has
 */
public record ListenerEntry(
    String name,
    @Nullable String hostname,
    int port,
    String protocol,
    @Nullable Tls tls,
    NamespaceScope namespaces,
    @Nullable List<GroupKind> kinds) {
  /** A kind of route. */
  public record GroupKind(String group, String kind) {
    public static GroupKind of(ObjectKind kind) {
      return new GroupKind(kind.group(), kind.kind());
    }
  }

  /**
   * TLS of a listener.
   *
   * @param passthrough whether it does not end here
   * @param certificates references to Secrets
   */
  public record Tls(boolean passthrough, List<Reference> certificates) {
    public Tls {
      certificates = List.copyOf(certificates);
    }
  }

  public ListenerEntry {
    kinds = kinds == null ? null : List.copyOf(kinds);
  }
}
