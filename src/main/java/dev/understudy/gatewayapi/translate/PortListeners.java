package dev.understudy.gatewayapi.translate;

import dev.understudy.gatewayapi.object.ClusterObject;
import dev.understudy.gatewayapi.object.Route;
import dev.understudy.gatewayapi.translate.Attachment.Place;
import dev.understudy.pool.CertifiedKey;
import dev.understudy.pool.Listener;
import dev.understudy.pool.ListenerTls;
import dev.understudy.pool.PoolId;
import dev.understudy.pool.RevocationLists;
import dev.understudy.pool.TlsUse;
import dev.understudy.pool.TlsUses;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Collection;
import java.util.Comparator;
import java.util.EnumSet;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import java.util.TreeMap;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;

/** The listeners of the data plane: one for each port of a Service, which its Gateways share. */
final class PortListeners {
  /** The default of the dynamic file. */
  private static final Duration INSPECT_DELAY = Duration.ofSeconds(3);

  private final Map<String, List<UsedPlace>> routes = new TreeMap<>();

  /** A route at a listener, with what becomes of its connections. */
  private record UsedPlace(Place place, TlsUse use) {}

  /**
   * @param accepted attachments of all routes that are accepted
   * @param pools the pool of a TLSRoute or TCPRoute; null if none of its backends can be used
   */
  PortListeners(Collection<Attachment> accepted, Function<Route, @Nullable PoolId> pools) {
    accepted.stream()
        .sorted(Comparator.comparing(Attachment::route, ClusterObject.OLDEST_FIRST))
        .forEach(each -> add(each, pools));
  }

  private void add(Attachment attachment, Function<Route, @Nullable PoolId> pools) {
    for (Place each : attachment.places()) {
      ListenerMode mode = ListenerMode.of(each.listener().entry());
      TlsUse use = mode.use(mode.relays() ? pools.apply(attachment.route()) : null);
      routes
          .computeIfAbsent(each.listener().id(), fresh -> new ArrayList<>())
          .add(new UsedPlace(each, use));
    }
  }

  /**
   * Makes them. A port that knows neither a pool nor a name is left out, so that it refuses all.
   *
   * @param serving listeners that serve, those of older Gateways first
   */
  List<Listener> of(List<PlannedListener> serving) {
    Map<String, List<PlannedListener>> ports = new TreeMap<>();
    serving.forEach(each -> ports.computeIfAbsent(each.id(), id -> new ArrayList<>()).add(each));
    List<Listener> listeners = new ArrayList<>();
    ports.forEach(
        (id, each) -> {
          Listener listener = listener(id, each);
          boolean http = each.stream().anyMatch(any -> !any.mode().relays());
          if (http || listener.uses() != null || listener.relaysTcp()) {
            listeners.add(listener);
          }
        });
    return listeners;
  }

  private Listener listener(String id, List<PlannedListener> planned) {
    PlannedListener oldest = planned.getFirst();
    Set<ListenerMode> modes = EnumSet.noneOf(ListenerMode.class);
    planned.forEach(each -> modes.add(each.mode()));
    ListenerMode only = modes.size() == 1 ? oldest.mode() : null;
    // Where HTTP is alone no name is looked for among all hostnames of the port.
    TlsUses uses =
        only == null || only.relays()
            ? uses(planned, routes.getOrDefault(id, List.of()))
            : new TlsUses(Map.of(), TlsUse.HTTP);
    Map<String, @Nullable PoolId> names = new LinkedHashMap<>();
    if (only != null && only.relays()) {
      uses.names().forEach((name, use) -> names.put(name, use.pool()));
    }
    return new Listener(
        id,
        null,
        Objects.requireNonNull(oldest.service().ports().get(oldest.entry().port())),
        only == null ? null : uses.others().pool(),
        names,
        Map.of(),
        INSPECT_DELAY,
        false,
        only == ListenerMode.HTTP,
        modes.stream().anyMatch(ListenerMode::endsTls) ? tls(keys(planned)) : null,
        only == null ? uses : null);
  }

  /**
   * What becomes of server names. A name belongs to the listener with the most specific hostname
   * that has it: a route of another listener never gets its connections. Listeners without a
   * hostname have the names of their routes: several of them may share a port.
   */
  private static TlsUses uses(List<PlannedListener> planned, List<UsedPlace> places) {
    Map<String, TlsUse> names = new LinkedHashMap<>();
    List<@Nullable String> hostnames = new ArrayList<>();
    planned.forEach(each -> hostnames.add(each.entry().hostname()));
    List<TlsUse> rest = new ArrayList<>();
    for (UsedPlace each : places) {
      String own = each.place().listener().hostname();
      if (each.place().hostnames().isEmpty()) {
        rest.add(each.use());
      }
      for (String name : each.place().hostnames()) {
        if (Objects.equals(own, closest(hostnames, name))) {
          names.putIfAbsent(Hostnames.pattern(name), each.use());
        }
      }
    }
    for (PlannedListener each : planned) {
      String hostname = each.entry().hostname();
      if (hostname != null) {
        names.putIfAbsent(Hostnames.pattern(hostname), each.mode().use(null));
      }
    }
    return new TlsUses(names, rest.isEmpty() ? TlsUse.CLOSED : rest.get(0));
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
