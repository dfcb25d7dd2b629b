package dev.understudy.pool;

import dev.understudy.pool.Setting.Inline;
import java.util.List;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/**
 * The servers that can play one role, and all settings of that pool.
 *
 * @param servers in order of preference among equals; at least one unless there are templates, ids
 *     unique, all of one protocol
 * @param templates servers that come and go with records; while they are there, they are among
 *     {@code servers} too
 */
public record Pool(
    PoolId id,
    PoolMode mode,
    List<Server> servers,
    HealthSettings health,
    FailbackSettings failback,
    @Inline PoolSettings settings,
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
    if (addresses(servers, templates).map(ServerAddress::protocol).distinct().count() != 1) {
      throw new IllegalArgumentException("pool " + id + " has both HTTP and TCP servers");
    }
  }

  private static Stream<ServerAddress> addresses(
      List<Server> servers, List<ServerTemplate> templates) {
    return Stream.concat(
        servers.stream().map(Server::address), templates.stream().map(ServerTemplate::address));
  }

  /** Whether TLS is spoken to any of its servers, those of its templates included. */
  public boolean usesTls() {
    return addresses(servers, templates).anyMatch(ServerAddress::tls);
  }

  /** What its servers speak. */
  public ServerAddress.Protocol protocol() {
    return servers.isEmpty()
        ? templates.get(0).address().protocol()
        : servers.get(0).address().protocol();
  }

  /** The same pool with other servers. */
  public Pool with(List<Server> others) {
    return new Pool(id, mode, others, health, failback, settings, templates);
  }

  /**
   * Whether a good probe proves that the server has the role: a second such server is a second
   * primary.
   */
  public boolean provesRole() {
    return mode == PoolMode.FAILOVER && RoleProof.isProvenBy(health.check(), protocol());
  }

  /**
   * The failback policy in force: manual if checks prove the role, as a better server that returned
   * with it is a second primary, whatever the policy. Manual too if hooks are to be called while
   * clients wait, and none may wait.
   */
  public FailbackSettings.Policy failbackPolicy() {
    boolean cannotPause = !settings.hooks().isEmpty() && settings.hold().time().isZero();
    return provesRole() || cannotPause ? FailbackSettings.Policy.MANUAL : failback.policy();
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
