package dev.understudy.gatewayapi.cluster;

import dev.understudy.event.Event;
import dev.understudy.gatewayapi.object.Meta;
import dev.understudy.gatewayapi.object.ObjectKind;
import dev.understudy.kubernetes.ObjectEvent;
import java.time.Instant;
import java.util.Locale;
import java.util.Optional;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.slf4j.event.Level;

/** Pure: our events as Events of Kubernetes about a FailoverPolicy. */
final class PolicyEvents {
  private PolicyEvents() {}

  /**
   * The Event of an event of a policy's pool; empty if it is not about who serves.
   *
   * @param policy that has the pool
   */
  static Optional<ObjectEvent> of(Event event, Meta policy, String replica, Instant at) {
    return reason(event)
        .map(
            reason ->
                new ObjectEvent(
                    about(ObjectKind.FAILOVER_POLICY, policy),
                    reason,
                    event.message(),
                    event.level().toInt() >= Level.WARN.toInt(),
                    replica,
                    at));
  }

  /** What an Event is about. */
  static ObjectEvent.About about(ObjectKind kind, Meta of) {
    return new ObjectEvent.About(
        kind.apiVersion(), kind.kind(), of.namespace(), of.key().name(), of.uid());
  }

  private static Optional<String> reason(Event event) {
    return switch (event) {
      case Event.Switched change ->
          Optional.of(change.to() == null ? "NoServer" : camelCase(change.reason()));
      case Event.NobodyServes nobody -> Optional.of(nobody.over() ? "ServesAgain" : "NobodyServes");
      case Event.TwoPrimaries two -> Optional.of(two.over() ? "OnePrimary" : "TwoPrimaries");
      case Event.NoSuccessor none -> Optional.of(none.over() ? "Successor" : "NoSuccessor");
      case Event.ServesDown down -> Optional.of("ServesDown");
      default -> Optional.empty();
    };
  }

  private static String camelCase(Enum<?> reason) {
    return Stream.of(reason.name().split("_", -1))
        .map(word -> word.charAt(0) + word.substring(1).toLowerCase(Locale.ROOT))
        .collect(Collectors.joining());
  }
}
