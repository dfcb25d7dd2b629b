package dev.understudy.gatewayapi.translate;

import dev.understudy.gatewayapi.object.Gateway;
import java.util.List;
import java.util.function.ToIntFunction;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/**
 * A Gateway of ours.
 *
 * @param refusal why it is not accepted as it is written; null if it is
 * @param own its own listeners
 * @param sets the ListenerSets that name it, refused ones too
 */
record PlannedGateway(
    Gateway gateway,
    @Nullable StatusCondition refusal,
    GatewayAddresses addresses,
    List<PlannedListener> own,
    List<PlannedListenerSet> sets) {
  PlannedGateway {
    own = List.copyOf(own);
    sets = List.copyOf(sets);
  }

  /** All of its listeners, those that serve nothing included. */
  Stream<PlannedListener> listeners() {
    return Stream.concat(own.stream(), sets.stream().flatMap(each -> each.listeners().stream()));
  }

  /**
   * What its status is to say.
   *
   * @param routes how many are attached to a listener
   */
  Report.OfGateway report(ToIntFunction<PlannedListener> routes) {
    StatusCondition accepted = accepted();
    return new Report.OfGateway(
        List.of(accepted, programmed(accepted), resolved()),
        own.stream().map(each -> each.report(routes.applyAsInt(each))).toList(),
        addresses.assigned(),
        (int) sets.stream().filter(PlannedListenerSet::isAccepted).count());
  }

  boolean isProgrammed() {
    return programmed(accepted()).holds();
  }

  private StatusCondition accepted() {
    if (refusal != null) {
      return refusal;
    }
    return PlannedListenerSet.accepted(own, listeners().anyMatch(PlannedListener::serves));
  }

  private StatusCondition programmed(StatusCondition accepted) {
    if (!accepted.holds()) {
      return StatusCondition.no(StatusCondition.PROGRAMMED, "Invalid", accepted.message());
    }
    return StatusCondition.yesUnless(addresses.missing(), StatusCondition.PROGRAMMED);
  }

  private StatusCondition resolved() {
    if (gateway.hasCertificate()) {
      return StatusCondition.unresolved(
          "InvalidClientCertificateRef",
          "A certificate to show to servers (tls.backend) is not supported.");
    }
    String unresolved = PlannedListener.names(own, each -> !each.resolved().holds());
    return unresolved.isEmpty()
        ? StatusCondition.yes(StatusCondition.RESOLVED_REFS)
        : StatusCondition.unresolved(
            "ListenersNotResolved",
            "Listeners whose references cannot be used: " + unresolved + ".");
  }
}
