package dev.understudy.gatewayapi.translate;

import dev.understudy.gatewayapi.object.ParentRef;
import dev.understudy.gatewayapi.object.Route;
import dev.understudy.gatewayapi.translate.RouteAttachments.ListenerName;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * A route at one of its parents that is ours.
 *
 * @param refusal why it is not accepted; null if it is
 * @param listeners those that take it, whether they serve or not; none if it is not accepted
 * @param places the listeners that serve it; none if it is not accepted, or if none of those that
 *     take it serves
 */
record Attachment(
    Route route,
    ParentRef parent,
    @Nullable StatusCondition refusal,
    List<ListenerName> listeners,
    List<Place> places) {
  /**
   * A listener, and the names under which the route is found there.
   *
   * @param hostnames the intersection of the route's and the listener's; empty for all
   */
  record Place(BoundListener listener, List<String> hostnames) {
    Place {
      hostnames = List.copyOf(hostnames);
    }
  }

  Attachment {
    listeners = List.copyOf(listeners);
    places = List.copyOf(places);
  }
}
