package dev.understudy.config;

import dev.understudy.condition.Condition;
import dev.understudy.condition.ExpressionException;
import dev.understudy.network.Networks;
import dev.understudy.pool.FailbackSettings.Policy;
import dev.understudy.pool.Listener;
import dev.understudy.pool.ListenerTls;
import dev.understudy.pool.Pool;
import dev.understudy.pool.PoolId;
import dev.understudy.pool.PoolMode;
import dev.understudy.pool.RoleProof;
import dev.understudy.pool.RoutePart;
import dev.understudy.pool.SectionType;
import dev.understudy.pool.Server;
import dev.understudy.pool.ServerAddress.Protocol;
import dev.understudy.pool.Setting;
import dev.understudy.pool.StickySettings;
import dev.understudy.pool.SwitchSettings.Connections;
import dev.understudy.text.Words;
import java.net.URI;
import java.security.cert.X509CRL;
import java.security.cert.X509Certificate;
import java.time.Instant;
import java.util.HashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import java.util.function.Function;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/**
 * Finds statements of a valid file that are probably not intended. The file is applied as it is,
 * and the operator is warned.
 *
 * <table>
 * <caption>Only certain cases are reported</caption>
 * <tr><td>route</td><td>no request reaches it</td></tr>
 * <tr><td>pool</td><td>no route leads to it, not even a disabled one</td></tr>
 * <tr><td>server</td><td>has the address of another one of its pool</td></tr>
 * <tr><td>setting</td><td>concerns requests, in a pool of TCP servers</td></tr>
 * <tr><td>balance, prefer-same-zone, weight</td><td>in a failover pool</td></tr>
 * <tr><td>role</td><td>of a second master in a failover pool</td></tr>
 * <tr><td>failback</td><td>by itself, to a database: see {@link RoleProof}; in a balance pool</td></tr>
 * <tr><td>after</td><td>of a failback that is not delayed</td></tr>
 * <tr><td>mode, connections</td><td>clients may write to two primaries</td></tr>
 * <tr><td>crl</td><td>clients are refused for want of a valid list</td></tr>
 * <tr><td>uri</td><td>has a path, which the Gateway drops</td></tr>
 * <tr><td>predicate</td><td>has an invisible character</td></tr>
 * <tr><td>client-address</td><td>of a network without its mask</td></tr>
 * <tr><td>method</td><td>is not registered, or cannot be matched by a predicate</td></tr>
 * <tr><td>filter</td><td>has no effect, or another than intended: {@link FilterWarnings}</td></tr>
 * </table>
 */
final class ConfigWarnings {
  private static final int MOST_NAMED = 3;

  private final MapNode root;
  private final DynamicConfig config;
  private final List<PlacedRoute> routes;

  /** The pools of all routes, disabled ones included. */
  private final Set<PoolId> usedPools;

  private final Problems found;
  private final FilterWarnings filters;

  private ConfigWarnings(
      String file, MapNode root, DynamicConfig config, List<PlacedRoute> routes) {
    this.root = root;
    this.config = config;
    this.routes = routes.stream().filter(PlacedRoute::enabled).toList();
    this.usedPools =
        Stream.of(
                routes.stream().flatMap(each -> Stream.ofNullable(each.route().pool())),
                config.listeners().stream().flatMap(each -> each.pools().stream()),
                Stream.concat(
                        routes.stream().flatMap(each -> each.route().filters().stream()),
                        config.defaultFilters().stream())
                    .flatMap(
                        filter ->
                            Stream.of(PartChecks.usedPool(filter), PartChecks.askedPool(filter)))
                    .filter(Objects::nonNull)
                    .map(PoolId::new))
            .flatMap(Function.identity())
            .collect(Collectors.toSet());
    this.found = new Problems(file);
    this.filters = new FilterWarnings(config.defaultFilters(), found);
  }

  /**
   * Returns the warnings of a file without problems, in the file's order.
   *
   * @param root the tree from which {@code config} was read
   * @param routes all routes, disabled ones included
   */
  static List<Problem> of(
      String file,
      MapNode root,
      DynamicConfig config,
      List<PlacedRoute> routes,
      RouteChecker checker) {
    ConfigWarnings warnings = new ConfigWarnings(file, root, config, routes);
    warnings.pools();
    warnings.listeners(Instant.now());
    warnings.filters.ofDefaults(root, config.routes());
    warnings.routes(checker.shadowed(config.routes()));
    return warnings.found.inOrder();
  }

  private void pools() {
    MapNode pools = root.map("pools");
    MapNode defaults = root.map(PoolDefaults.KEY);
    if (defaults != null) {
      methods(defaults);
      Node after = defaults.get("failback", "after");
      if (after != null
          && config.pools().stream().noneMatch(p -> p.failback().policy() == Policy.DELAYED)) {
        found.add(after, "has no effect, as no pool has the policy delayed");
      }
    }
    for (Pool pool : config.pools()) {
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

  private void listeners(Instant now) {
    for (Listener listener : config.listeners()) {
      ListenerTls tls = listener.tls();
      Node crl =
          new MapSection(root, found)
              .child("listeners")
              .child(listener.id())
              .child("tls")
              .node("crl");
      if (tls != null && crl != null) {
        String lacking = lacking(tls, now);
        if (!lacking.isEmpty()) {
          found.add(crl, lacking + ": clients with certificates of such an authority are refused");
        }
      }
    }
  }

  /**
   * The authorities without a list of revoked certificates that is valid; empty if there is none.
   */
  private static String lacking(ListenerTls tls, Instant now) {
    List<X509CRL> lists = tls.revocations().lists();
    Stream<String> expired =
        tls.revocations()
            .expired(now)
            .map(
                each ->
                    "the list of %s is out of date: its next update was due at %s"
                        .formatted(
                            each.getIssuerX500Principal().getName(),
                            each.getNextUpdate().toInstant()));
    Stream<String> missing =
        tls.clientAuthorities().stream()
            .map(X509Certificate::getSubjectX500Principal)
            .filter(
                name ->
                    lists.stream().noneMatch(each -> each.getIssuerX500Principal().equals(name)))
            .map(name -> "has no list of " + name.getName());
    return Stream.concat(expired, missing).collect(Collectors.joining("; "));
  }

  /** Warns of what lets clients of a database write to a server that is not its primary. */
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
      say(node, HttpMethods.unknown(scalar.text()), scalar.text());
    }
  }

  private void routes(Map<String, ? extends Set<String>> shadowed) {
    for (PlacedRoute placed : routes) {
      uri(placed);
      predicates(placed);
      filters.ofRoute(placed);
      Set<String> by = shadowed.get(placed.route().id());
      if (by != null) {
        shadowed(placed.node(), by);
      }
    }
  }

  /** Warns of a path or query, because the Gateway uses only the scheme, host and port. */
  private void uri(PlacedRoute placed) {
    URI uri = URI.create(placed.route().uri());
    String path = uri.getRawPath();
    boolean more =
        (path != null && !path.isEmpty() && !path.equals("/")) || uri.getRawQuery() != null;
    if (more
        && uri.getHost() != null
        && RouteUri.WITH_HOST.contains(uri.getScheme().toLowerCase(Locale.ROOT))) {
      Node node = placed.node().get("uri");
      if (node != null) {
        found.wrong(
            node,
            "a uri that ends with the host or its port: the Gateway drops the rest and keeps each"
                + " request's path (the filter PrefixPath adds a prefix)");
      }
    }
  }

  private void shadowed(MapNode route, Set<String> by) {
    Node predicates = route.get("predicates");
    Node at = predicates == null ? route : predicates;
    if (by.isEmpty()) {
      found.add(at, "never matches: its predicates exclude one another");
      return;
    }
    List<String> before =
        routes.stream()
            .filter(each -> by.contains(each.route().id()))
            .map(
                each ->
                    ProblemValue.quote(each.route().id()) + " in line " + each.node().at().line())
            .toList();
    boolean one = before.size() == 1;
    found.add(
        at,
        "never matches: "
            + (one ? "route " : "routes ")
            + String.join(", ", before.subList(0, Math.min(MOST_NAMED, before.size())))
            + (before.size() > MOST_NAMED ? " and others" : "")
            + (one ? " comes first and matches" : " come first and match")
            + " every request that this one matches; move this one up, or remove it");
  }

  private void predicates(PlacedRoute placed) {
    List<RoutePart> predicates = placed.route().predicates();
    for (int i = 0; i < predicates.size(); i++) {
      Node node = item(placed.node(), "predicates", i);
      if (node != null) {
        invisible(node);
        if (predicates.get(i).name().equals("When")) {
          predicates.get(i).args().values().forEach(each -> withoutMask(each, node, found));
        }
      }
      if (node != null && predicates.get(i).name().equals("Method")) {
        for (String method : predicates.get(i).args().values()) {
          say(node, HttpMethods.unmatched(method), method);
        }
      }
    }
  }

  /** Warns of networks without their mask, each of which contains one address alone. */
  static void withoutMask(String condition, Node node, Problems found) {
    try {
      Condition.parse(condition)
          .withoutMask()
          .forEach(
              network ->
                  found.add(
                      node,
                      "client-address("
                          + network
                          + ") is a single address; expected a network with its mask, such as "
                          + Networks.withMask(network)
                          + ", or "
                          + Networks.alone(network)
                          + " for that address alone"));
    } catch (ExpressionException e) {
      throw new IllegalStateException("checked before", e);
    }
  }

  /** Warns of invisible characters, which no request matches. */
  private void invisible(Node node) {
    switch (node) {
      case ScalarNode scalar -> {
        if (!ProblemValue.invisible(scalar.text()).isEmpty()) {
          found.wrong(scalar, "visible characters only");
        }
      }
      case ListNode list -> list.items().forEach(this::invisible);
      case MapNode map -> map.entries().values().forEach(this::invisible);
    }
  }

  private void say(Node node, @Nullable String what, String method) {
    if (what != null) {
      boolean resolved = node instanceof ScalarNode scalar && Placeholders.isIn(scalar.text());
      found.add(node.at(), node.path(), resolved ? null : ProblemValue.quote(method), what);
    }
  }

  /** The item of the list {@code key} at that index; null if there is none. */
  static @Nullable Node item(MapNode map, String key, int index) {
    return map.get(key) instanceof ListNode list && index < list.items().size()
        ? list.items().get(index)
        : null;
  }
}
