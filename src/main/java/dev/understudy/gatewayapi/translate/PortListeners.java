package dev.understudy.gatewayapi.translate;

import dev.understudy.gatewayapi.object.ClusterObject;
import dev.understudy.gatewayapi.object.Route;
import dev.understudy.gatewayapi.translate.Attachment.Place;
import dev.understudy.pool.CertifiedKey;
import dev.understudy.pool.Listener;
import dev.understudy.pool.ListenerTls;
import dev.understudy.pool.PoolId;
import dev.understudy.pool.RevocationLists;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Collection;
import java.util.Comparator;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import java.util.TreeMap;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;

/** The listeners of the data plane: one for each port, which all Gateways share. */
final class PortListeners {
  /** The default of the dynamic file. */
  private static final Duration INSPECT_DELAY = Duration.ofSeconds(3);

  private final GatewaySettings settings;
  private final Map<String, List<RelayedPlace>> relayed = new TreeMap<>();

  /** A TLSRoute or TCPRoute at a listener, with its pool; null if that cannot be used. */
  private record RelayedPlace(Route route, Place place, @Nullable PoolId pool) {}

  /**
   * @param accepted attachments of all routes that are accepted
   * @param pools the pool of a TLSRoute or TCPRoute; null if none of its backends can be used
   */
  PortListeners(
      GatewaySettings settings,
      Collection<Attachment> accepted,
      Function<Route, @Nullable PoolId> pools) {
    this.settings = settings;
    accepted.stream()
        .sorted(Comparator.comparing(Attachment::route, ClusterObject.OLDEST_FIRST))
        .forEach(each -> add(each, pools));
  }

  private void add(Attachment attachment, Function<Route, @Nullable PoolId> pools) {
    Route route = attachment.route();
    for (Place each : attachment.places()) {
      ListenerMode mode = ListenerMode.of(each.listener().entry());
      if (mode.relays()) {
        relayed
            .computeIfAbsent(each.listener().id(), fresh -> new ArrayList<>())
            .add(new RelayedPlace(route, each, pools.apply(route)));
      }
    }
  }

  /**
   * Makes them. A port that would lead no connection anywhere is left out, so that it refuses all.
   *
   * @param serving listeners that serve, those of older Gateways first
   */
  List<Listener> of(List<PlannedListener> serving) {
    Map<Integer, List<PlannedListener>> ports = new TreeMap<>();
    serving.forEach(
        each -> ports.computeIfAbsent(each.entry().port(), port -> new ArrayList<>()).add(each));
    List<Listener> listeners = new ArrayList<>();
    ports.forEach(
        (port, each) -> {
          ListenerMode mode = each.get(0).mode();
          Listener listener = listener(port, mode, each);
          if (!mode.relays() || listener.relaysTcp()) {
            listeners.add(listener);
          }
        });
    return listeners;
  }

  private Listener listener(int port, ListenerMode mode, List<PlannedListener> planned) {
    List<RelayedPlace> places = relayed.getOrDefault(PlannedListener.id(port), List.of());
    Map<String, @Nullable PoolId> names = new LinkedHashMap<>();
    PoolId pool = null;
    if (mode == ListenerMode.TCP) {
      pool = places.isEmpty() ? null : places.get(0).pool();
    } else if (mode.relays()) {
      pool = names(planned, places, names);
    }
    return new Listener(
        PlannedListener.id(port),
        null,
        Objects.requireNonNull(settings.ports().get(port)),
        pool,
        names,
        Map.of(),
        INSPECT_DELAY,
        false,
        mode == ListenerMode.HTTP,
        mode.endsTls() ? tls(keys(planned)) : null);
  }

  /**
   * Adds the pools of server names. A name belongs to the listener with the most specific hostname
   * that has it: a route of another listener never gets its connections.
   *
   * @return the pool of all other names; null if there is none
   */
  private static @Nullable PoolId names(
      List<PlannedListener> planned,
      List<RelayedPlace> places,
      Map<String, @Nullable PoolId> names) {
    List<@Nullable String> hostnames = new ArrayList<>();
    planned.forEach(each -> hostnames.add(each.entry().hostname()));
    List<@Nullable PoolId> rest = new ArrayList<>();
    for (RelayedPlace each : places) {
      String own = each.place().listener().hostname();
      if (each.place().hostnames().isEmpty()) {
        rest.add(each.pool());
      }
      for (String name : each.place().hostnames()) {
        String pattern = Hostnames.pattern(name);
        if (!names.containsKey(pattern) && Objects.equals(own, closest(hostnames, name))) {
          names.put(pattern, each.pool());
        }
      }
    }
    for (String each : hostnames) {
      if (each != null && !names.containsKey(Hostnames.pattern(each))) {
        names.put(Hostnames.pattern(each), null);
      }
    }
    return rest.isEmpty() ? null : rest.get(0);
  }

  private static @Nullable String closest(List<@Nullable String> hostnames, String name) {
    String closest = null;
    for (String each : hostnames) {
      if (Hostnames.covers(each, name)
          && Precedence.specificity(each) < Precedence.specificity(closest)) {
        closest = each;
      }
    }
    return closest;
  }

  /** The keys by hostname: where several Gateways have one, those of the oldest count. */
  private static List<CertifiedKey> keys(List<PlannedListener> planned) {
    Set<@Nullable String> known = new HashSet<>();
    List<CertifiedKey> keys = new ArrayList<>();
    for (PlannedListener each : planned) {
      String hostname = each.entry().hostname();
      if (known.add(hostname)) {
        String pattern = hostname == null ? null : Hostnames.pattern(hostname);
        each.keys().forEach(key -> keys.add(key.onlyFor(pattern)));
      }
    }
    return keys;
  }

  private static ListenerTls tls(List<CertifiedKey> keys) {
    return new ListenerTls(
        List.of(),
        null,
        ListenerTls.ClientAuth.NONE,
        null,
        true,
        "TLSv1.2",
        false,
        null,
        keys,
        List.of(),
        RevocationLists.NONE);
  }
}
