package dev.understudy.monitor;

import dev.understudy.pool.Server;
import dev.understudy.pool.ServerId;
import dev.understudy.pool.ServerTemplate;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.SortedMap;
import org.jspecify.annotations.Nullable;

/**
 * The servers of one {@link ServerTemplate}, as the records of its name came and went: an immutable
 * value.
 *
 * <table>
 *   <caption>One response of the name server, or of the cluster</caption>
 *   <tr><td>has a server's record</td><td>the server stays</td></tr>
 *   <tr><td>lacks it</td><td>the server stays for {@code hold}, unless a new one needs its
 *       place</td></tr>
 *   <tr><td>has the record of a server that is leaving</td><td>the server stays, unless a new one
 *       needs its place; it comes if there is a place</td></tr>
 *   <tr><td>has a new record</td><td>a server comes if fewer than {@code count} are there; of
 *       several new ones, those first in order</td></tr>
 * </table>
 *
 * @param known in the order of their keys, by which all replicas have the same order
 */
record DiscoveredServers(List<Known> known) {
  static final DiscoveredServers NONE = new DiscoveredServers(List.of());

  DiscoveredServers {
    known = List.copyOf(known);
  }

  /**
   * A server.
   *
   * @param key its place in the order of all
   * @param gone since when its record has been missing, or it has been leaving; null if it is there
   */
  record Known(String key, Server server, @Nullable Instant gone) {}

  List<Server> servers() {
    return known.stream().map(Known::server).toList();
  }

  /** With other settings, and not more than they allow: those that are about to leave go first. */
  DiscoveredServers with(ServerTemplate template) {
    return new DiscoveredServers(
        known.stream()
            .sorted(Comparator.comparing(each -> each.gone() != null))
            .limit(template.count())
            .map(each -> new Known(each.key(), template.again(each.server()), each.gone()))
            .sorted(Comparator.comparing(Known::key))
            .toList());
  }

  boolean has(ServerId id) {
    return known.stream().anyMatch(each -> each.server().id().equals(id));
  }

  /**
   * Takes a response.
   *
   * @param found the servers of all records, by their place in the order
   * @param leaving the places of those that are about to leave
   */
  DiscoveredServers seen(
      SortedMap<String, Server> found, Set<String> leaving, ServerTemplate template, Instant now) {
    List<Known> next = new ArrayList<>();
    Set<ServerId> present = new HashSet<>();
    for (Known each : known) {
      Server server = found.get(each.key());
      boolean stays = server != null && !leaving.contains(each.key());
      Instant gone = stays ? null : each.gone() == null ? now : each.gone();
      if (server != null || gone == null || now.isBefore(gone.plus(template.hold()))) {
        next.add(new Known(each.key(), server == null ? each.server() : server, gone));
        present.add(each.server().id());
      }
    }
    for (Map.Entry<String, Server> each : found.entrySet()) {
      Server server = each.getValue();
      if (!present.contains(server.id())
          && !leaving.contains(each.getKey())
          && hasPlace(next, template.count())) {
        next.add(new Known(each.getKey(), server, null));
        present.add(server.id());
      }
    }
    for (String key : leaving) {
      Server server = found.get(key);
      if (server != null && next.size() < template.count() && present.add(server.id())) {
        next.add(new Known(key, server, now));
      }
    }
    while (next.size() > template.count()) {
      next.removeLast();
    }
    next.sort(Comparator.comparing(Known::key));
    return new DiscoveredServers(next);
  }

  /** Whether there is a place left, or one whose record went; the first to go makes room. */
  private static boolean hasPlace(List<Known> servers, int count) {
    if (servers.size() < count) {
      return true;
    }
    return servers.stream()
        .filter(each -> each.gone() != null)
        .min(Comparator.comparing(Known::gone, Comparator.nullsLast(Comparator.naturalOrder())))
        .map(servers::remove)
        .orElse(false);
  }
}
