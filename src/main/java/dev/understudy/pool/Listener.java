package dev.understudy.pool;

import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.Map;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * A port of the dynamic file (HAProxy {@code bind}). With a pool it relays TCP connections, else it
 * serves the routes over HTTP.
 *
 * @param id a DNS label of at most 40 characters
 * @param address IP literal to listen on; null for all addresses
 * @param port 0 to 65535; 0 for any free port
 * @param pool the pool of connections whose server name is in no entry of {@code serverNames}; null
 *     for none: such connections are closed
 * @param serverNames pools by the server name that the client asks for in its TLS handshake (RFC
 *     6066 §3): in small letters, exact or {@code *.} and a domain, which stands for one label
 * @param proxyProtocol whether every connection begins with a PROXY protocol header
 * @param tls TLS that ends here; null if bytes are passed on as they come
 */
public record Listener(
    String id,
    @Nullable String address,
    int port,
    @Nullable PoolId pool,
    Map<String, PoolId> serverNames,
    boolean proxyProtocol,
    @Nullable ListenerTls tls) {
  public Listener {
    DnsLabel.require(id);
    if (port < 0 || port > 65535) {
      throw new IllegalArgumentException("expected a port from 0 to 65535, found " + port);
    }
    serverNames = Collections.unmodifiableMap(new LinkedHashMap<>(serverNames));
  }

  /** Whether it relays TCP connections to pools; otherwise it serves HTTP. */
  public boolean relaysTcp() {
    return pool != null || !serverNames.isEmpty();
  }

  /** The pools that it leads to. */
  public Set<PoolId> pools() {
    Set<PoolId> all = new LinkedHashSet<>(serverNames.values());
    if (pool != null) {
      all.add(pool);
    }
    return all;
  }
}
