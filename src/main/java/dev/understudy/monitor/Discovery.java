package dev.understudy.monitor;

import dev.understudy.failover.PodLabel;
import dev.understudy.pool.PoolId;
import dev.understudy.pool.RoleLabel;
import dev.understudy.pool.Server;
import dev.understudy.pool.ServerId;
import dev.understudy.pool.ServerTemplate;
import dev.understudy.probe.ServiceRecord;
import dev.understudy.recurring.Timers;
import java.net.Inet4Address;
import java.net.InetAddress;
import java.time.Duration;
import java.util.HashMap;
import java.util.HashSet;
import java.util.HexFormat;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import java.util.SortedMap;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Follows the records of one {@link ServerTemplate}'s name. The last good response stays in force
 * while name servers fail, or say that there is no such name. Only IPv4 addresses count if there
 * are any.
 *
 * <p>Of a Service of a cluster all endpoints are known at any time:
 *
 * <table>
 *   <caption>One endpoint</caption>
 *   <tr><td>ready</td><td>a server</td></tr>
 *   <tr><td>terminates, and serves still</td><td>a server, which {@link PoolController} lets drain
 *       while there is another</td></tr>
 *   <tr><td>neither, while others of the Service are</td><td>leaves</td></tr>
 *   <tr><td>neither, and no other is</td><td>stays if it was a server, as its probes judge it: a
 *       cluster that lost touch with its nodes finds no Pod ready</td></tr>
 *   <tr><td>not there any more</td><td>leaves at once, as its address may become another Pod's</td>
 *       </tr>
 * </table>
 */
final class Discovery {
  /** Time between two queries for SRV records, which nobody caches. */
  private static final Duration SERVICE_REFRESH = Duration.ofSeconds(2);

  private static final Logger log = LoggerFactory.getLogger(Discovery.class);

  private final PoolId pool;
  private final MonitorContext context;
  private final Runnable changed;
  private final @Nullable RepeatedQuery<?> query;
  private ServerTemplate template;
  private DiscoveredServers servers = DiscoveredServers.NONE;
  private boolean answered;

  /** Whether there has been a good response. */
  private boolean known;

  /** The cluster's last response. */
  private List<Endpoint> endpoints = List.of();

  private Map<ServerId, Pod> pods = Map.of();
  private boolean stopped;
  private Runnable unfollow = () -> {};
  private Timers.Timer patience = () -> {};

  /** What the cluster tells of a server beside its address; {@code label} is null if not known. */
  record Pod(boolean terminating, @Nullable PodLabel label) {}

  /**
   * Creates a discovery without servers.
   *
   * @param changed called on the monitor's thread after the first query has ended, and when the
   *     servers changed
   */
  Discovery(PoolId pool, ServerTemplate template, MonitorContext context, Runnable changed) {
    this.pool = pool;
    this.template = template;
    this.context = context;
    this.changed = changed;
    String name = template.address().host();
    this.query =
        switch (template.records()) {
          case SERVICES ->
              new RepeatedQuery<>(
                  name,
                  context.resolver()::services,
                  context.scheduler(),
                  SERVICE_REFRESH,
                  records -> found(services(records)));
          case ADDRESSES ->
              new RepeatedQuery<>(
                  name,
                  context.resolver()::resolve,
                  context.scheduler(),
                  ResolvedHost.REFRESH,
                  records -> found(addresses(records)));
          case ENDPOINTS -> null;
        };
  }

  /** Whether another template has the same records. */
  boolean isOf(ServerTemplate other) {
    return template.hasRecordsOf(other);
  }

  /** Takes other settings for the same name. */
  void reconfigure(ServerTemplate next) {
    template = next;
    servers = servers.with(next);
    if (!endpoints.isEmpty()) {
      context.scheduler().execute(() -> endpoints(endpoints));
    }
  }

  /** Whether it is of the same name as another, which it replaces. */
  boolean follows(Discovery before) {
    return template.hasNameOf(before.template);
  }

  /** Keeps the servers of one that it {@linkplain #follows}, until the first response. */
  void goOnFrom(Discovery before) {
    servers = before.servers.with(template);
    answered = before.answered;
    known = before.known;
    boolean labelled = Objects.equals(template.roleLabel(), before.template.roleLabel());
    pods = new HashMap<>(before.pods);
    pods.replaceAll((id, pod) -> labelled ? pod : new Pod(pod.terminating(), null));
  }

  void start() {
    if (query != null) {
      query.ask();
      return;
    }
    unfollow =
        context
            .endpoints()
            .follow(template, all -> context.scheduler().execute(() -> endpoints(all)));
    patience = context.scheduler().schedule(RepeatedQuery.TIMEOUT, () -> took(servers, pods));
  }

  void stop() {
    stopped = true;
    patience.cancel();
    unfollow.run();
    if (query != null) {
      query.stop();
    }
  }

  /** Whether the first query has ended, well or not. */
  boolean answered() {
    return answered;
  }

  /** Whether the server may be one of the name's, whose first good response is still awaited. */
  boolean mayFind(ServerId server) {
    return !known && template.names(server);
  }

  List<Server> servers() {
    return servers.servers();
  }

  /** What the cluster tells of the servers, by their ids; empty for those of DNS. */
  Map<ServerId, Pod> pods() {
    return pods;
  }

  private void found(SortedMap<String, Server> found) {
    known |= !found.isEmpty();
    took(found.isEmpty() ? servers : servers.seen(found, Set.of(), template, context.now()), pods);
  }

  private void took(DiscoveredServers next, Map<ServerId, Pod> told) {
    List<Server> before = servers.servers();
    List<Server> now = next.servers();
    boolean same = now.equals(before) && told.equals(pods);
    servers = next;
    pods = told;
    if (!answered || !same) {
      answered = true;
      if (!now.equals(before)) {
        log.info("Pool {}: {} now has the servers {}", pool, template.id(), ids(now));
      }
      changed.run();
    }
  }

  private void endpoints(List<Endpoint> all) {
    if (stopped) {
      return;
    }
    patience.cancel();
    known = true;
    endpoints = all;
    boolean any = all.stream().anyMatch(each -> each.state() != Endpoint.State.UNREADY);
    SortedMap<String, Server> found = new TreeMap<>();
    Set<String> leaving = new HashSet<>();
    Map<ServerId, Pod> told = new HashMap<>();
    for (Endpoint each : all) {
      if (!template.pods().has(each.pod())) {
        continue;
      }
      Server server = template.endpoint(each.address().getHostAddress(), each.port(), each.zone());
      if (each.state() == Endpoint.State.UNREADY && (any || !servers.has(server.id()))) {
        continue;
      }
      String key = HexFormat.of().formatHex(each.address().getAddress());
      boolean terminates = each.state() == Endpoint.State.TERMINATING;
      found.put(key, server);
      told.put(server.id(), new Pod(terminates, label(each.label())));
      if (terminates) {
        leaving.add(key);
      }
    }
    DiscoveredServers next = servers.seen(found, leaving, template, context.now());
    told.keySet().removeIf(id -> !next.has(id));
    took(next, told);
  }

  private @Nullable PodLabel label(@Nullable String value) {
    RoleLabel expected = template.roleLabel();
    return expected == null || value == null
        ? null
        : new PodLabel(value.equals(expected.value()), expected.with(value));
  }

  private static List<String> ids(List<Server> servers) {
    return servers.stream().map(server -> server.id().value()).toList();
  }

  private SortedMap<String, Server> addresses(List<InetAddress> found) {
    boolean four = found.stream().anyMatch(Inet4Address.class::isInstance);
    SortedMap<String, Server> servers = new TreeMap<>();
    for (InetAddress address : found) {
      if (address instanceof Inet4Address || !four) {
        servers.put(
            HexFormat.of().formatHex(address.getAddress()), template.at(address.getHostAddress()));
      }
    }
    return servers;
  }

  private SortedMap<String, Server> services(List<ServiceRecord> found) {
    SortedMap<String, Server> servers = new TreeMap<>();
    for (ServiceRecord each : found) {
      String key = "%05d %s %05d".formatted(each.priority(), each.host(), each.port());
      servers.put(key, template.at(each.host(), each.port()));
    }
    return servers;
  }
}
