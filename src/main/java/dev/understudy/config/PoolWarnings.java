package dev.understudy.config;

import dev.understudy.pool.FailbackSettings.Policy;
import dev.understudy.pool.Pool;
import dev.understudy.pool.PoolId;
import dev.understudy.pool.PoolMode;
import dev.understudy.pool.RoleProof;
import dev.understudy.pool.SectionType;
import dev.understudy.pool.Server;
import dev.understudy.pool.ServerAddress.Protocol;
import dev.understudy.pool.Setting;
import dev.understudy.pool.StickySettings;
import dev.understudy.pool.SwitchSettings.Connections;
import dev.understudy.text.Words;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * Finds statements about pools that are probably not intended.
 *
 * <table>
 * <caption>Only certain cases are reported</caption>
 * <tr><td>pool</td><td>no route leads to it, not even a disabled one</td></tr>
 * <tr><td>server</td><td>has the address of another one of its pool</td></tr>
 * <tr><td>setting</td><td>concerns requests, in a pool of TCP servers</td></tr>
 * <tr><td>balance, prefer-same-zone, weight</td><td>in a failover pool</td></tr>
 * <tr><td>role</td><td>of a second master in a failover pool</td></tr>
 * <tr><td>failback</td><td>by itself, to a database: see {@link RoleProof}; in a balance pool</td></tr>
 * <tr><td>after</td><td>of a failback that is not delayed</td></tr>
 * <tr><td>mode, connections</td><td>clients may write to two primaries</td></tr>
 * </table>
 *
 * @param usedPools the pools of all routes, disabled ones included
 */
record PoolWarnings(MapNode root, List<Pool> all, Set<PoolId> usedPools, Problems found) {
  void warn() {
    MapNode pools = root.map("pools");
    MapNode defaults = root.map(PoolDefaults.KEY);
    if (defaults != null) {
      methods(defaults);
      Node after = defaults.get("failback", "after");
      if (after != null && all.stream().noneMatch(p -> p.failback().policy() == Policy.DELAYED)) {
        found.add(after, "has no effect, as no pool has the policy delayed");
      }
    }
    for (Pool pool : all) {
      String name = pool.id().value();
      MapNode node = pools == null ? null : pools.map(name);
      if (node == null) {
        continue;
      }
      if (!usedPools.contains(pool.id())) {
        found.add(
            node,
            pool.protocol() == Protocol.TCP
                ? "no listener leads to this pool: add one with pool: " + name + ", or remove it"
                : "no route leads to this pool: add one with uri pool://"
                    + name
                    + ", or remove it");
      }
      MapNode servers = node.map("servers");
      if (servers != null) {
        servers(pool, servers);
      }
      if (pool.protocol() == Protocol.TCP) {
        onlyForRequests(node, RawPool.class);
        sticky(pool, node.get("sticky"));
      }
      balance(pool, node);
      failback(pool, node);
      primaries(pool, node);
      methods(node);
    }
  }

  /**
   * Warns of settings by which clients of a database may write to a server that is not its primary.
   */
  private void primaries(Pool pool, MapNode node) {
    boolean proven = RoleProof.isProvenBy(pool.health().check(), pool.protocol());
    if (RoleProof.defaultFailback(pool.health().check(), pool.protocol()) != Policy.MANUAL) {
      return;
    }
    if (pool.mode() == PoolMode.BALANCE) {
      Node mode = node.get("mode");
      if (proven && mode != null) {
        found.add(
            mode, "two servers that claim to be primary would both get writes; expected failover");
      }
      return;
    }
    Node policy = node.get("failback", "policy");
    if (policy != null && pool.failback().policy() != Policy.MANUAL) {
      found.add(
          policy,
          proven
              ? "has no effect: a better server that comes back as a second primary never gets the"
                  + " role by itself; expected manual"
              : "writes are lost if a server comes back without the writes made meanwhile; expected"
                  + " manual");
    }
    Node connections = node.get("on-switch", "connections");
    if (proven
        && connections != null
        && pool.settings().onSwitch().connections() == Connections.KEEP) {
      found.add(
          connections,
          "has no effect while the old server still claims to be primary: its connections are"
              + " reset, as writes to it are lost; expected close");
    }
  }

  private void servers(Pool pool, MapNode nodes) {
    Map<String, Server> known = new HashMap<>();
    for (Server server : pool.servers()) {
      Server first = known.putIfAbsent(ServerUrl.normal(server.address()), server);
      Node url = nodes.get(server.id().value(), "url");
      MapNode other = first == null ? null : nodes.map(first.id().value());
      if (first != null && url != null && other != null) {
        found.wrong(
            url,
            "an address other than that of server "
                + ProblemValue.quote(first.id().value())
                + " in line "
                + other.at().line()
                + ": both fail together");
      }
    }
  }

  /** Warns of settings that concern requests. */
  private void onlyForRequests(MapNode section, Class<?> type) {
    for (SectionType.Component each : SectionType.of(type).keys().values()) {
      Node setting = section.get(each.key());
      if (each.rule(Setting.OfRequests.class) != null) {
        withoutEffect(setting);
      } else if (setting instanceof MapNode below && each.of().getType().isRecord()) {
        onlyForRequests(below, each.of().getType());
      }
    }
  }

  private void sticky(Pool pool, @Nullable Node setting) {
    StickySettings sticky = pool.settings().sticky();
    if (sticky == null || sticky.type() != StickySettings.Type.CLIENT_ADDRESS) {
      withoutEffect(setting);
    } else if (setting != null && pool.mode() == PoolMode.FAILOVER) {
      found.add(
          setting, "has no effect on TCP servers in a failover pool, where one of them serves all");
    }
  }

  private void withoutEffect(@Nullable Node setting) {
    if (setting != null) {
      found.add(setting, "has no effect on TCP servers, whose connections are relayed as they are");
    }
  }

  /** Warns of a failback that never comes, and of a time that it does not wait for. */
  private void failback(Pool pool, MapNode node) {
    Node whole = node.get("failback");
    Node after = node.get("failback", "after");
    Policy policy = pool.failback().policy();
    if (whole != null && pool.mode() == PoolMode.BALANCE) {
      found.add(whole, "has no effect in a balance pool, which has no role to give back");
    } else if (after != null && policy != Policy.DELAYED) {
      found.add(
          after,
          "has no effect with the policy " + Words.lower(policy) + "; expected policy: delayed");
    }
  }

  /** Warns of shares in a pool that has one serving server. */
  private void balance(Pool pool, MapNode node) {
    if (pool.mode() != PoolMode.FAILOVER) {
      return;
    }
    noShare(node.get("balance"));
    noShare(node.get("prefer-same-zone"));
    Node passive = node.get("passive");
    if (passive != null && pool.protocol() != Protocol.TCP) {
      found.add(
          passive,
          "in a failover pool, any client can move the role to another server by requests that"
              + " fail; use it only in pools with mode: balance, or where all clients are trusted");
    }
    MapNode servers = node.map("servers");
    if (servers == null) {
      return;
    }
    String master = null;
    for (String name : servers.entries().keySet()) {
      noShare(servers.get(name, "weight"));
      if (servers.get(name, "role") instanceof ScalarNode role
          && role.text().equalsIgnoreCase("master")) {
        if (master != null) {
          found.wrong(
              role,
              "backup: "
                  + master
                  + " is the master, and in a failover pool one server gets all requests (mode:"
                  + " balance shares them)");
        }
        master = master == null ? name : master;
      }
    }
  }

  private void noShare(@Nullable Node node) {
    if (node != null) {
      found.add(node, "has no effect in a failover pool: one server gets all requests");
    }
  }

  private void methods(MapNode pool) {
    if (pool.get("health", "method") instanceof ScalarNode method) {
      method(method);
    }
    if (pool.get("retry", "methods") instanceof ListNode methods) {
      methods.items().forEach(this::method);
    }
  }

  private void method(Node node) {
    if (node instanceof ScalarNode scalar && !Placeholders.isIn(scalar.text())) {
      ConfigWarnings.method(node, HttpMethods.unknown(scalar.text()), scalar.text(), found);
    }
  }
}
