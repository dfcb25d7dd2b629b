package dev.understudy.gatewayapi.translate;

import dev.understudy.gatewayapi.object.ListenerSet;
import java.util.List;
import java.util.function.ToIntFunction;
import org.jspecify.annotations.Nullable;

/**
 * A ListenerSet of a Gateway of ours.
 *
 * @param refusal why it is not accepted as a whole; null if it is
 * @param listeners none if its Gateway does not allow it
 */
record PlannedListenerSet(
    ListenerSet set, @Nullable StatusCondition refusal, List<PlannedListener> listeners) {
  private static final String PARENT_NOT_ACCEPTED = "ParentNotAccepted";

  PlannedListenerSet {
    listeners = List.copyOf(listeners);
  }

  /** The refusal of one whose Gateway is not accepted. */
  static StatusCondition withoutParent() {
    return StatusCondition.notAccepted(PARENT_NOT_ACCEPTED, "The Gateway is not accepted.");
  }

  /** The refusal of one that its Gateway does not allow. */
  static StatusCondition notAllowed() {
    return StatusCondition.notAccepted(
        "NotAllowed", "The Gateway's allowedListeners do not have this namespace.");
  }

  boolean isAccepted() {
    return accepted().holds();
  }

  /**
   * What its status is to say.
   *
   * @param hasParent whether its Gateway is programmed
   * @param routes how many are attached to a listener
   */
  Report.OfListenerSet report(boolean hasParent, ToIntFunction<PlannedListener> routes) {
    StatusCondition accepted = accepted();
    return new Report.OfListenerSet(
        List.of(accepted, programmed(accepted, hasParent)),
        listeners.stream().map(each -> each.report(routes.applyAsInt(each))).toList());
  }

  private StatusCondition accepted() {
    return refusal == null
        ? accepted(listeners, listeners.stream().anyMatch(PlannedListener::serves))
        : refusal;
  }

  /**
   * The condition {@code Accepted} of what has these listeners.
   *
   * @param serves whether at least one serves
   */
  static StatusCondition accepted(List<PlannedListener> listeners, boolean serves) {
    String idle = PlannedListener.names(listeners, each -> !each.serves());
    if (serves && idle.isEmpty()) {
      return StatusCondition.yes(StatusCondition.ACCEPTED);
    }
    String message =
        idle.isEmpty() ? "There are no listeners." : "Listeners that serve nothing: " + idle + ".";
    return new StatusCondition(StatusCondition.ACCEPTED, serves, "ListenersNotValid", message);
  }

  private static StatusCondition programmed(StatusCondition accepted, boolean hasParent) {
    String reason = accepted.reason();
    if (accepted.holds() && hasParent) {
      return StatusCondition.yes(StatusCondition.PROGRAMMED);
    }
    boolean isOfParent = accepted.holds() || reason.equals(PARENT_NOT_ACCEPTED);
    return StatusCondition.no(
        StatusCondition.PROGRAMMED,
        isOfParent ? "ParentNotProgrammed" : reason,
        isOfParent ? "The Gateway is not programmed." : accepted.message());
  }
}
