package dev.understudy.gatewayapi.translate;

import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/**
 * Finds listeners that cannot be told apart. Within a Gateway's own listeners, or those of one
 * ListenerSet, all of them lose; else the earlier ones win: the Gateway's, then those of older
 * ListenerSets. A listener that has lost causes no further conflicts. Of two Gateways with one
 * Service the older one decides what a port does, and of two namespaces it has its hostnames, with
 * all below its wildcards, whatever their Services; all names of a port only where the Service is
 * one.
 */
final class PortConflicts {
  /** What the ports of the Gateways until now do, by the listeners of the data plane. */
  private final Map<String, ListenerMode> ports = new HashMap<>();

  /**
   * What the Gateways until now have: by port and hostname, which is empty for all names, the
   * oldest listener of each namespace, mode and Service.
   */
  private final Map<Integer, Map<String, List<PlannedListener>>> taken = new HashMap<>();

  /** Takes the listeners of one Gateway, which is younger than all before, in their groups. */
  List<List<PlannedListener>> add(List<List<PlannedListener>> groups) {
    List<List<PlannedListener>> decided = new ArrayList<>();
    List<PlannedListener> winners = new ArrayList<>();
    for (List<PlannedListener> group : groups) {
      List<PlannedListener> left =
          group.stream().map(each -> each.conflicting(conflict(each, winners))).toList();
      List<PlannedListener> next =
          left.stream()
              .map(each -> each.isDistinct() ? each.conflicting(conflict(each, left)) : each)
              .toList();
      next.stream().filter(PlannedListener::isDistinct).forEach(winners::add);
      decided.add(next);
    }
    for (PlannedListener each : winners) {
      if (!each.blocked()) {
        ports.putIfAbsent(each.id(), each.mode());
        take(each);
      }
    }
    return decided;
  }

  private @Nullable StatusCondition conflict(PlannedListener of, List<PlannedListener> others) {
    if (of.refusal() != null) {
      return null;
    }
    List<PlannedListener> same =
        others.stream()
            .filter(each -> !each.equals(of) && each.isDistinct())
            .filter(each -> each.entry().port() == of.entry().port())
            .toList();
    int port = of.entry().port();
    ListenerMode elsewhere = ports.getOrDefault(of.id(), of.mode());
    if (!elsewhere.sharesPortWith(of.mode())) {
      return conflict(
          "ProtocolConflict", "Port " + port + " has another protocol in an older Gateway.");
    }
    if (same.stream().anyMatch(each -> !each.mode().sharesPortWith(of.mode()))) {
      return conflict(
          "ProtocolConflict", "Port " + port + " has several protocols in the Gateway.");
    }
    if (of.mode() == ListenerMode.TCP && !same.isEmpty()) {
      return conflict(
          "ProtocolConflict", "Port " + port + " has several TCP listeners in the Gateway.");
    }
    if (same.stream()
        .anyMatch(each -> Objects.equals(each.entry().hostname(), of.entry().hostname()))) {
      return conflict(
          "HostnameConflict",
          "Port " + port + " has several listeners with this hostname in the Gateway.");
    }
    return taken(of);
  }

  private void take(PlannedListener winner) {
    List<PlannedListener> known =
        taken
            .computeIfAbsent(winner.entry().port(), port -> new HashMap<>())
            .computeIfAbsent(key(winner), hostname -> new ArrayList<>());
    if (known.stream()
        .noneMatch(
            each ->
                each.mode() == winner.mode()
                    && isOfOne(each, winner)
                    && each.id().equals(winner.id()))) {
      known.add(winner);
    }
  }

  private static String key(PlannedListener of) {
    return Objects.requireNonNullElse(of.entry().hostname(), "");
  }

  private static boolean isOfOne(PlannedListener one, PlannedListener other) {
    return one.gateway().meta().namespace().equals(other.gateway().meta().namespace());
  }

  /**
   * The conflict with an older Gateway, which has what the listener asks for: for another use, or
   * in another namespace.
   */
  private @Nullable StatusCondition taken(PlannedListener of) {
    int port = of.entry().port();
    Map<String, List<PlannedListener>> ofPort = taken.getOrDefault(port, Map.of());
    for (PlannedListener each : ofPort.getOrDefault(key(of), List.of())) {
      if (each.id().equals(of.id()) && isOtherwiseUsed(each, of)) {
        return conflict(
            "HostnameConflict",
            "Port %d has this hostname with another protocol or tls.mode in the older Gateway %s."
                .formatted(port, each.gateway().key()));
      }
    }
    for (String wide : wider(of)) {
      for (PlannedListener each : ofPort.getOrDefault(wide, List.of())) {
        boolean meet = each.id().equals(of.id()) || each.entry().hostname() != null;
        if (meet && !isOfOne(each, of)) {
          return conflict(
              of.mode() == ListenerMode.TCP ? "ProtocolConflict" : "HostnameConflict",
              "Port %d has %s in the older Gateway %s of another namespace."
                  .formatted(
                      port,
                      of.mode() == ListenerMode.TCP ? "a TCP listener" : "this hostname",
                      each.gateway().key()));
        }
      }
    }
    return null;
  }

  /** The hostnames that have all names of a listener's; those of TCP make no difference. */
  private static List<String> wider(PlannedListener of) {
    String own = of.mode() == ListenerMode.TCP ? "" : key(of);
    List<String> wider = new ArrayList<>(List.of(own, ""));
    for (int dot = own.indexOf('.'); dot >= 0; dot = own.indexOf('.', dot + 1)) {
      wider.add("*" + own.substring(dot));
    }
    return wider;
  }

  /**
   * Whether two listeners of one hostname differ in use. Without hostnames they may, as routes tell
   * them apart, unless both end TLS: then nothing says which certificate to show.
   */
  private static boolean isOtherwiseUsed(PlannedListener one, PlannedListener other) {
    return one.mode() != other.mode()
        && Objects.equals(one.entry().hostname(), other.entry().hostname())
        && (one.entry().hostname() != null || (one.mode().endsTls() && other.mode().endsTls()));
  }

  private static StatusCondition conflict(String reason, String message) {
    return new StatusCondition(StatusCondition.CONFLICTED, true, reason, message);
  }
}
