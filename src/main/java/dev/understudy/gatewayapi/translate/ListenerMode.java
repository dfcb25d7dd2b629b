package dev.understudy.gatewayapi.translate;

import dev.understudy.gatewayapi.object.ListenerEntry;
import dev.understudy.gatewayapi.object.ListenerEntry.GroupKind;
import dev.understudy.gatewayapi.object.ObjectKind;
import dev.understudy.pool.PoolId;
import dev.understudy.pool.TlsUse;
import java.util.List;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/** What a listener does with its connections. */
enum ListenerMode {
  HTTP("HTTP", ObjectKind.HTTP_ROUTE, ObjectKind.GRPC_ROUTE),
  HTTPS("HTTPS", ObjectKind.HTTP_ROUTE, ObjectKind.GRPC_ROUTE),

  /** TLS ends here, its bytes are relayed. */
  TLS("TLS", ObjectKind.TLS_ROUTE),

  /** TLS is relayed as it comes. */
  PASSTHROUGH("TLS", ObjectKind.TLS_ROUTE),
  TCP("TCP", ObjectKind.TCP_ROUTE),
  UNSUPPORTED("");

  private final String protocol;

  @SuppressWarnings("ImmutableEnumChecker") // the list is immutable
  private final List<GroupKind> kinds;

  ListenerMode(String protocol, ObjectKind... routes) {
    this.protocol = protocol;
    this.kinds = Stream.of(routes).map(GroupKind::of).toList();
  }

  /** The mode of a listener, by its protocol. */
  static ListenerMode of(ListenerEntry entry) {
    ListenerEntry.Tls tls = entry.tls();
    return switch (entry.protocol()) {
      case "HTTP" -> HTTP;
      case "HTTPS" -> HTTPS;
      case "TLS" -> tls != null && tls.passthrough() ? PASSTHROUGH : TLS;
      case "TCP" -> TCP;
      default -> UNSUPPORTED;
    };
  }

  /** The kinds of routes that may attach. */
  List<GroupKind> kinds() {
    return kinds;
  }

  /** Whether listeners of both modes can be told apart at one port, by server names. */
  boolean sharesPortWith(ListenerMode other) {
    return this == other || (takesTls() && other.takesTls());
  }

  private boolean takesTls() {
    return endsTls() || this == PASSTHROUGH;
  }

  /**
   * What becomes of a connection.
   *
   * @param pool of a route that relays it; null for none
   */
  TlsUse use(@Nullable PoolId pool) {
    if (!relays()) {
      return TlsUse.HTTP;
    }
    return pool == null
        ? TlsUse.CLOSED
        : new TlsUse(this == TLS ? TlsUse.Kind.TERMINATED : TlsUse.Kind.PASSTHROUGH, pool);
  }

  /** Whether TLS ends here. */
  boolean endsTls() {
    return this == HTTPS || this == TLS;
  }

  /** Whether bytes are relayed, not HTTP. */
  boolean relays() {
    return this == TLS || this == PASSTHROUGH || this == TCP;
  }

  /** What is wrong with the section {@code tls}, in one sentence; null if nothing is. */
  @Nullable String tlsProblem(ListenerEntry.@Nullable Tls tls) {
    if (!endsTls() && this != PASSTHROUGH) {
      return tls == null ? null : "Protocol " + protocol + " takes no tls.";
    }
    if (tls == null) {
      return "Protocol " + protocol + " needs tls.";
    }
    return this == HTTPS && tls.passthrough() ? "Protocol HTTPS needs tls.mode Terminate." : null;
  }
}
