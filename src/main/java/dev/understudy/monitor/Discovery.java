package dev.understudy.monitor;

import dev.understudy.pool.PoolId;
import dev.understudy.pool.Server;
import dev.understudy.pool.ServerTemplate;
import dev.understudy.pool.ServerTemplate.Records;
import dev.understudy.probe.ServiceRecord;
import java.net.Inet4Address;
import java.net.InetAddress;
import java.time.Duration;
import java.util.HexFormat;
import java.util.List;
import java.util.SortedMap;
import java.util.TreeMap;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Follows the records of one {@link ServerTemplate}'s name. The last good response stays in force
 * while name servers fail, or say that there is no such name. Only IPv4 addresses count if there
 * are any.
 */
final class Discovery {
  /** Time between two queries for SRV records, which nobody caches. */
  private static final Duration SERVICE_REFRESH = Duration.ofSeconds(2);

  private static final Logger log = LoggerFactory.getLogger(Discovery.class);

  private final PoolId pool;
  private final MonitorContext context;
  private final Runnable changed;
  private final RepeatedQuery<?> query;
  private ServerTemplate template;
  private DiscoveredServers servers = DiscoveredServers.NONE;
  private boolean answered;

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
        template.records() == Records.SERVICES
            ? new RepeatedQuery<>(
                name,
                context.resolver()::services,
                context.scheduler(),
                SERVICE_REFRESH,
                records -> found(services(records)))
            : new RepeatedQuery<>(
                name,
                context.resolver()::resolve,
                context.scheduler(),
                ResolvedHost.REFRESH,
                records -> found(addresses(records)));
  }

  /** Whether another template has the same records. */
  boolean isOf(ServerTemplate other) {
    return template.id().equals(other.id())
        && template.address().equals(other.address())
        && template.records() == other.records();
  }

  /** Takes other settings for the same name; they hold from the next response on. */
  void reconfigure(ServerTemplate next) {
    template = next;
    servers =
        new DiscoveredServers(
            servers.known().stream()
                .map(
                    known ->
                        new DiscoveredServers.Known(
                            known.key(), next.again(known.server()), known.gone()))
                .limit(next.count())
                .toList());
  }

  void start() {
    query.ask();
  }

  void stop() {
    query.stop();
  }

  /** Whether the first query has ended, well or not. */
  boolean answered() {
    return answered;
  }

  List<Server> servers() {
    return servers.servers();
  }

  private void found(SortedMap<String, Server> found) {
    List<Server> before = servers.servers();
    if (!found.isEmpty()) {
      servers = servers.seen(found, template, context.now());
    }
    List<Server> now = servers.servers();
    if (!answered || !now.equals(before)) {
      answered = true;
      if (!now.equals(before)) {
        log.info("Pool {}: {} now has the servers {}", pool, template.id(), ids(now));
      }
      changed.run();
    }
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
