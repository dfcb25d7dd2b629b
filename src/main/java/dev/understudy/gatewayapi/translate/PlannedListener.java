package dev.understudy.gatewayapi.translate;

import dev.understudy.gatewayapi.object.ClusterObject;
import dev.understudy.gatewayapi.object.Gateway;
import dev.understudy.gatewayapi.object.ListenerEntry;
import dev.understudy.gatewayapi.object.ListenerEntry.GroupKind;
import dev.understudy.gatewayapi.translate.Report.ListenerReport;
import dev.understudy.pool.CertifiedKey;
import java.util.List;
import java.util.function.Predicate;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/**
 * A listener of one of our Gateways, whether it serves or not.
 *
 * @param service whose addresses the Gateway has
 * @param owner the Gateway itself, or a ListenerSet
 * @param kinds of routes that it takes
 * @param refusal why it is not accepted as it is written; null if it is
 * @param resolved the condition {@code ResolvedRefs}
 * @param keys of its certificates, as far as they can be used
 * @param conflict the condition {@code Conflicted}, if it holds; null if not
 * @param blocked whether its Gateway is not accepted as a whole
 */
record PlannedListener(
    Gateway gateway,
    PublishedService service,
    ClusterObject owner,
    ListenerEntry entry,
    ListenerMode mode,
    List<GroupKind> kinds,
    @Nullable StatusCondition refusal,
    StatusCondition resolved,
    List<CertifiedKey> keys,
    @Nullable StatusCondition conflict,
    boolean blocked) {
  PlannedListener {
    kinds = List.copyOf(kinds);
    keys = List.copyOf(keys);
  }

  PlannedListener conflicting(@Nullable StatusCondition conflict) {
    return new PlannedListener(
        gateway, service, owner, entry, mode, kinds, refusal, resolved, keys, conflict, blocked);
  }

  /** Whether it has its port, with the mode. */
  boolean isDistinct() {
    return refusal == null && conflict == null;
  }

  boolean serves() {
    return isDistinct() && !blocked && !kinds.isEmpty() && !(mode.endsTls() && keys.isEmpty());
  }

  /** The listener as routes attach to it; of one that serves. */
  BoundListener bound() {
    return new BoundListener(gateway, owner, entry, id());
  }

  /** The name of the listener of the data plane. */
  String id() {
    return service.listener(entry.port());
  }

  /** The names of those of which something holds, as a list for people. */
  static String names(List<PlannedListener> listeners, Predicate<PlannedListener> which) {
    return listeners.stream()
        .filter(which)
        .map(each -> each.entry().name())
        .collect(Collectors.joining(", "));
  }

  ListenerReport report(int routes) {
    return new ListenerReport(
        entry.name(), kinds, routes, List.of(accepted(), programmed(), resolved, conflicted()));
  }

  private StatusCondition accepted() {
    if (refusal != null) {
      return refusal;
    }
    return conflict == null
        ? StatusCondition.yes(StatusCondition.ACCEPTED)
        : because(StatusCondition.ACCEPTED, conflict);
  }

  private StatusCondition programmed() {
    if (serves()) {
      return StatusCondition.yes(StatusCondition.PROGRAMMED);
    }
    if (refusal == null && conflict != null) {
      return because(StatusCondition.PROGRAMMED, conflict);
    }
    String why =
        refusal != null
            ? refusal.message()
            : blocked ? "The Gateway is not accepted." : resolved.message();
    return StatusCondition.no(StatusCondition.PROGRAMMED, "Invalid", why);
  }

  private static StatusCondition because(String type, StatusCondition why) {
    return StatusCondition.no(type, why.reason(), why.message());
  }

  private StatusCondition conflicted() {
    return conflict == null
        ? StatusCondition.no(StatusCondition.CONFLICTED, "NoConflicts", "")
        : conflict;
  }
}
