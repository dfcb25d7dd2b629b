package dev.understudy.pool;

import java.util.List;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/**
 * The servers that can play one role, and all settings of that pool.
 *
 * @param servers in order of preference among equals; at least one unless there are templates, ids
 *     unique, all of one protocol
 * @param passive circuit breakers over live traffic; null if off
 * @param sticky sessions kept by a cookie; null if none are kept
 * @param tls for connections to https servers; without effect on others
 * @param proxyProtocol header with the client's address at the beginning of each connection to a
 *     TCP server; null if none is sent
 * @param balance how requests are spread; without effect on failover pools
 * @param http2 whether HTTP servers are spoken to in HTTP/2: https servers if they choose it by
 *     ALPN, http servers by prior knowledge
 * @param templates servers that come and go with DNS records; while they are there, they are among
 *     {@code servers} too
 */
public record Pool(
    PoolId id,
    Mode mode,
    List<Server> servers,
    HealthSettings health,
    @Nullable PassiveSettings passive,
    FailbackSettings failback,
    @Nullable StickySettings sticky,
    HoldSettings hold,
    RetrySettings retry,
    SwitchSettings onSwitch,
    TimeoutSettings timeouts,
    UpstreamTls tls,
    @Nullable ProxyHeader proxyProtocol,
    Balance balance,
    boolean http2,
    List<ServerTemplate> templates) {
  public Pool {
    servers = List.copyOf(servers);
    templates = List.copyOf(templates);
    if (servers.isEmpty() && templates.isEmpty()) {
      throw new IllegalArgumentException("pool " + id + " has no server");
    }
    if (servers.stream().map(Server::id).distinct().count() != servers.size()) {
      throw new IllegalArgumentException("pool " + id + " names a server twice");
    }
    if (Stream.concat(
                servers.stream().map(Server::address),
                templates.stream().map(ServerTemplate::address))
            .map(ServerAddress::protocol)
            .distinct()
            .count()
        != 1) {
      throw new IllegalArgumentException("pool " + id + " has both HTTP and TCP servers");
    }
  }

  /**
   * A pool whose servers get no PROXY protocol header and speak HTTP/1.1, and whose requests take
   * turns if it balances.
   */
  public Pool(
      PoolId id,
      Mode mode,
      List<Server> servers,
      HealthSettings health,
      @Nullable PassiveSettings passive,
      FailbackSettings failback,
      @Nullable StickySettings sticky,
      HoldSettings hold,
      RetrySettings retry,
      SwitchSettings onSwitch,
      TimeoutSettings timeouts,
      UpstreamTls tls) {
    this(
        id,
        mode,
        servers,
        health,
        passive,
        failback,
        sticky,
        hold,
        retry,
        onSwitch,
        timeouts,
        tls,
        null,
        Balance.ROUND_ROBIN,
        false,
        List.of());
  }

  /** What its servers speak. */
  public ServerAddress.Protocol protocol() {
    return servers.isEmpty()
        ? templates.get(0).address().protocol()
        : servers.get(0).address().protocol();
  }

  /** The same pool with other servers. */
  public Pool with(List<Server> others) {
    return new Pool(
        id,
        mode,
        others,
        health,
        passive,
        failback,
        sticky,
        hold,
        retry,
        onSwitch,
        timeouts,
        tls,
        proxyProtocol,
        balance,
        http2,
        templates);
  }

  /**
   * Whether a good probe proves that the server has the role: a second such server is a second
   * primary.
   */
  public boolean provesRole() {
    return mode == Mode.FAILOVER && RoleProof.isBy(health.check(), protocol());
  }

  /**
   * The failback policy in force: manual if checks prove the role, as a better server that returned
   * with it is a second primary, whatever the policy.
   */
  public FailbackSettings.Policy failbackPolicy() {
    return provesRole() ? FailbackSettings.Policy.MANUAL : failback.policy();
  }

  /** The server with that id; null if there is none. */
  public @Nullable Server server(ServerId id) {
    for (Server server : servers) {
      if (server.id().equals(id)) {
        return server;
      }
    }
    return null;
  }
}
