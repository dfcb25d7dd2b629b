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
 * ListenerSets. What has lost to an earlier one makes no other lose. Of two Gateways the older one
 * decides what a port does, and has its hostnames, with all below its wildcards, before those of
 * other namespaces.
 */
final class PortConflicts {
  /** What the ports of the Gateways until now do. */
  private final Map<Integer, ListenerMode> ports = new HashMap<>();

  /** The listeners that the Gateways until now have at a port, the oldest first. */
  private final Map<Integer, List<PlannedListener>> taken = new HashMap<>();

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
        ports.putIfAbsent(each.entry().port(), each.mode());
        taken.computeIfAbsent(each.entry().port(), port -> new ArrayList<>()).add(each);
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
    ListenerMode elsewhere = ports.getOrDefault(port, of.mode());
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

  /**
   * The conflict with an older Gateway, which has what the listener asks for: for another use, or
   * in another namespace.
   */
  private @Nullable StatusCondition taken(PlannedListener of) {
    int port = of.entry().port();
    String namespace = of.gateway().meta().namespace();
    for (PlannedListener each : taken.getOrDefault(port, List.of())) {
      if (isOtherwiseUsed(each, of)) {
        return conflict(
            "HostnameConflict",
            "Port %d has this hostname with another protocol or tls.mode in the older Gateway %s."
                .formatted(port, each.gateway().key()));
      }
      if (!each.gateway().meta().namespace().equals(namespace)) {
        String older = " in the older Gateway " + each.gateway().key() + " of another namespace.";
        if (of.mode() == ListenerMode.TCP) {
          return conflict("ProtocolConflict", "Port " + port + " has a TCP listener" + older);
        }
        if (covers(each.entry().hostname(), of.entry().hostname())) {
          return conflict("HostnameConflict", "Port " + port + " has this hostname" + older);
        }
      }
    }
    return null;
  }

  /**
   * Whether the names of a listener have another use at another one. Without a hostname the names
   * of their routes tell, but not which certificate to show.
   */
  private static boolean isOtherwiseUsed(PlannedListener one, PlannedListener other) {
    return one.mode() != other.mode()
        && Objects.equals(one.entry().hostname(), other.entry().hostname())
        && (one.entry().hostname() != null || (one.mode().endsTls() && other.mode().endsTls()));
  }

  /** Whether one hostname has all names of another; null for all names. */
  private static boolean covers(@Nullable String wide, @Nullable String narrow) {
    return narrow == null ? wide == null : Hostnames.covers(wide, narrow);
  }

  private static StatusCondition conflict(String reason, String message) {
    return new StatusCondition(StatusCondition.CONFLICTED, true, reason, message);
  }
}
