package dev.understudy.monitor;

import dev.understudy.event.Alarm;
import dev.understudy.health.HealthStatus;
import dev.understudy.pool.PoolId;
import java.time.Duration;
import java.time.Instant;
import java.util.Collection;
import java.util.Comparator;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.function.Function;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/**
 * Most servers, on most of their hosts, failed within seconds: that casts doubt first on this
 * replica, its machine or its network. Servers fail together as one process or one host does; many
 * of different hosts seldom do.
 *
 * <table>
 * <caption>Transitions</caption>
 * <tr><th>now<th>evidence<th>becomes
 * <tr><td>none<td>more than half of the servers that were UP {@link #WINDOW} ago failed since, on
 *     more than half of their hosts, {@link #LEAST_HOSTS} at least<td>begun
 * <tr><td>begun<td>more than half are DOWN still<td>goes on, with those that failed since
 * <tr><td>begun<td>half of them or fewer are<td>none
 * </table>
 *
 * <p>A server that failed before, or was never UP, is no evidence for either side. Envoy's panic
 * threshold is the like of it, for one cluster and whatever the time that servers took to fail.
 *
 * @param begun when the first of them failed
 * @param newest when the newest of them failed
 * @param together the servers that failed since then and are DOWN
 * @param down all servers that are DOWN, whenever they failed
 * @param servers all servers
 * @param hostsUp hosts on which a server is UP
 * @param causes what those that are DOWN have in common, the most frequent first
 * @param hosts where they are, that with the most first
 */
record MassFailure(
    Instant begun,
    Instant newest,
    int together,
    int down,
    int servers,
    Set<String> hostsUp,
    List<Alarm.Group> causes,
    List<Alarm.Group> hosts) {
  static final Duration WINDOW = Duration.ofSeconds(10);

  /** A pool with a master and a backup that both fail is an outage, and no reason for doubt. */
  static final int LEAST_HOSTS = 3;

  /**
   * What is seen of one server.
   *
   * @param host where it is
   * @param failedAt when it was found DOWN after it had been UP; null if it is UP or never was
   * @param cause the outcome of its last probe
   */
  record ObservedServer(
      PoolId pool, String host, HealthStatus status, @Nullable Instant failedAt, String cause) {}

  /** Judges the servers, as the table says. */
  static @Nullable MassFailure judge(
      Collection<ObservedServer> servers, @Nullable MassFailure before, Instant now) {
    Instant since = before == null ? now.minus(WINDOW) : before.begun();
    List<ObservedServer> failed =
        servers.stream()
            .filter(each -> each.failedAt() != null && !each.failedAt().isBefore(since))
            .toList();
    List<ObservedServer> up = with(servers, HealthStatus.UP);
    if (failed.isEmpty() || failed.size() <= up.size()) {
      return null;
    }
    Set<String> hostsDown = hosts(failed);
    Set<String> hostsUp = hosts(up);
    if (before == null && !isOfMostHosts(hostsDown, hostsUp)) {
      return null;
    }
    List<ObservedServer> down = with(servers, HealthStatus.DOWN);
    List<Instant> times = failed.stream().map(ObservedServer::failedAt).sorted().toList();
    return new MassFailure(
        before == null ? times.getFirst() : before.begun(),
        times.getLast(),
        failed.size(),
        down.size(),
        servers.size(),
        hostsUp,
        groups(down, ObservedServer::cause),
        groups(down, ObservedServer::host));
  }

  private static List<ObservedServer> with(
      Collection<ObservedServer> servers, HealthStatus status) {
    return servers.stream().filter(each -> each.status() == status).toList();
  }

  private static boolean isOfMostHosts(Set<String> down, Set<String> up) {
    Set<String> all = new HashSet<>(down);
    all.addAll(up);
    return down.size() >= LEAST_HOSTS && 2 * down.size() > all.size();
  }

  private static Set<String> hosts(List<ObservedServer> servers) {
    return servers.stream().map(ObservedServer::host).collect(Collectors.toSet());
  }

  private static List<Alarm.Group> groups(
      List<ObservedServer> down, Function<ObservedServer, String> by) {
    return down.stream().collect(Collectors.groupingBy(by)).entrySet().stream()
        .map(group -> group(group.getKey(), group.getValue()))
        .sorted(
            Comparator.comparingInt(Alarm.Group::servers)
                .reversed()
                .thenComparing(Alarm.Group::name))
        .limit(Alarm.MOST_GROUPS)
        .toList();
  }

  private static Alarm.Group group(String name, List<ObservedServer> servers) {
    long pools = servers.stream().map(ObservedServer::pool).distinct().count();
    return new Alarm.Group(name, servers.size(), (int) pools);
  }

  /**
   * Whether a server that failed in it may be kept: no server of its host responds. One that fails
   * while others of its host are UP has failed itself.
   */
  boolean doubts(ObservedServer server) {
    Instant at = server.failedAt();
    return at != null && !at.isBefore(begun) && !hostsUp.contains(server.host());
  }
}
