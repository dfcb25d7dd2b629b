package dev.understudy.gatewayapi.translate;

import dev.understudy.gatewayapi.object.ParentRef;
import dev.understudy.gatewayapi.object.Route;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * A route at one of its parents that is ours.
 *
 * @param refusal why it is not accepted; null if it is
 * @param places the listeners that serve it; none if it is not accepted, or if none of those that
 *     take it serves
 */
public record Attachment(
    Route route, ParentRef parent, @Nullable StatusCondition refusal, List<Place> places) {
  /**
   * A listener, and the names under which the route is found there.
   *
   * @param hostnames the intersection of the route's and the listener's; empty for all
   */
  public record Place(BoundListener listener, List<String> hostnames) {
    public Place {
      hostnames = List.copyOf(hostnames);
    }
  }

  public Attachment {
    places = List.copyOf(places);
  }
}
