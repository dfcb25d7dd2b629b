package dev.understudy.pool;

import java.time.Duration;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/**
 * A port of the dynamic file (HAProxy {@code bind}). If it leads to a pool it relays TCP
 * connections, else it serves the routes over HTTP.
 *
 * @param id a DNS label of at most 40 characters; {@code gw.PORT} of one that objects of a cluster
 *     make
 * @param address IP literal to listen on; null for all addresses
 * @param port 0 to 65535; 0 for any free port
 * @param pool the pool of connections that neither {@code serverNames} nor {@code protocols} leads
 *     anywhere, those of silent clients too; null for none: such connections are closed
 * @param serverNames pools by the server name that the client asks for in its TLS handshake (RFC
 *     6066 §3): in small letters, as {@link ServerNamePatterns} has them; null closes such
 *     connections
 * @param protocols pools by what the client sends first, for those that no server name leads
 * @param inspectDelay time for what tells clients apart, from 1 ms to 10 min (HAProxy {@code
 *     tcp-request inspect-delay}); then a client counts by what it has sent
 * @param proxyProtocol whether every connection begins with a PROXY protocol header
 * @param http2 whether plain HTTP may be HTTP/2 by prior knowledge (RFC 9113 §3.3); without effect
 *     on a listener that ends TLS or relays TCP
 * @param tls TLS that ends here; null if bytes are passed on as they come
 * @param uses what is done with a connection, by its server name, where listeners of several kinds
 *     share the port; null where all connections are of one kind. Only with {@code tls}, and
 *     without pools of its own and a PROXY protocol header
 */
public record Listener(
    String id,
    @Nullable String address,
    int port,
    @Nullable PoolId pool,
    Map<String, @Nullable PoolId> serverNames,
    Map<FirstBytes, PoolId> protocols,
    Duration inspectDelay,
    boolean proxyProtocol,
    boolean http2,
    @Nullable ListenerTls tls,
    @Nullable TlsUses uses) {
  public Listener {
    if (!ClusterName.isListener(id)) {
      DnsLabel.require(id);
    }
    if (port < 0 || port > 65535) {
      throw new IllegalArgumentException("expected a port from 0 to 65535, found " + port);
    }
    serverNames = Collections.unmodifiableMap(new LinkedHashMap<>(serverNames));
    protocols = Collections.unmodifiableMap(new LinkedHashMap<>(protocols));
    boolean leads = pool != null || !serverNames.isEmpty() || !protocols.isEmpty();
    if (uses != null && (tls == null || proxyProtocol || leads)) {
      throw new IllegalArgumentException(
          "uses of server names: expected TLS, no PROXY protocol header, and no other pools");
    }
  }

  /** Whether it relays TCP connections, or closes them, by what they are; else it serves HTTP. */
  public boolean relaysTcp() {
    return pool != null || !serverNames.isEmpty() || !protocols.isEmpty();
  }

  /**
   * The listener as connections of one use meet it, if they are relayed.
   *
   * @param use one of {@link #relayedUses}
   */
  public Listener relayed(TlsUse use) {
    return new Listener(
        id,
        address,
        port,
        use.pool(),
        Map.of(),
        Map.of(),
        inspectDelay,
        false,
        false,
        use.kind() == TlsUse.Kind.TERMINATED ? tls : null,
        null);
  }

  /** The uses by which connections are relayed, each once. */
  public Set<TlsUse> relayedUses() {
    return uses == null
        ? Set.of()
        : uses.all().filter(each -> each.pool() != null).collect(Collectors.toSet());
  }

  /** The pools that it leads to. */
  public Set<PoolId> pools() {
    Set<PoolId> all = new LinkedHashSet<>();
    serverNames.values().stream().filter(Objects::nonNull).forEach(all::add);
    all.addAll(protocols.values());
    relayedUses().forEach(each -> all.add(Objects.requireNonNull(each.pool())));
    if (pool != null) {
      all.add(pool);
    }
    return all;
  }
}
