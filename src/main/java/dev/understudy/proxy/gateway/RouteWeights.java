package dev.understudy.proxy.gateway;

import static org.springframework.cloud.gateway.support.ServerWebExchangeUtils.WEIGHT_ATTR;

import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ThreadLocalRandom;
import org.jspecify.annotations.Nullable;
import org.springframework.cloud.gateway.route.Route;
import org.springframework.cloud.gateway.support.WeightConfig;
import org.springframework.web.server.ServerWebExchange;

/**
 * Distributes requests among the routes of a group by their {@code Weight}; replaces the Gateway's
 * {@code WeightCalculatorWebFilter}. That filter collects weights one by one while routes are
 * built, and keeps those of routes that were removed or never put into force; these weights are
 * read from the routes themselves and are in force together with them.
 */
final class RouteWeights {
  private record Share(String route, int weight) {}

  /**
   * @param total the sum of the weights; 0 if no route of the group gets a request
   */
  private record Group(String name, List<Share> shares, long total) {

    static Group of(String name, Map<String, Integer> weights) {
      return new Group(
          name,
          weights.entrySet().stream()
              .map(weight -> new Share(weight.getKey(), weight.getValue()))
              .toList(),
          weights.values().stream().mapToLong(Integer::longValue).sum());
    }

    @Nullable String choose() {
      long left = total == 0 ? 0 : ThreadLocalRandom.current().nextLong(total);
      for (Share share : shares) {
        left -= share.weight();
        if (left < 0) {
          return share.route();
        }
      }
      return null;
    }
  }

  private final List<Group> groups;

  private RouteWeights(List<Group> groups) {
    this.groups = groups;
  }

  /** Reads the weights of these routes. */
  static RouteWeights of(List<Route> routes) {
    Map<String, Map<String, Integer>> groups = new LinkedHashMap<>();
    for (Route route : routes) {
      route
          .getPredicate()
          .accept(
              predicate -> {
                if (predicate.getConfig() instanceof WeightConfig weight) {
                  groups
                      .computeIfAbsent(weight.getGroup(), group -> new LinkedHashMap<>())
                      .put(route.getId(), weight.getWeight());
                }
              });
    }
    return new RouteWeights(
        groups.entrySet().stream()
            .map(group -> Group.of(group.getKey(), group.getValue()))
            .toList());
  }

  /**
   * Chooses one route of each group at random and stores it where the routes' predicates look for
   * it.
   */
  void choose(ServerWebExchange exchange) {
    if (groups.isEmpty()) {
      return;
    }
    Map<String, String> chosen = HashMap.newHashMap(groups.size());
    for (Group group : groups) {
      String route = group.choose();
      if (route != null) {
        chosen.put(group.name(), route);
      }
    }
    exchange.getAttributes().put(WEIGHT_ATTR, chosen);
  }
}
