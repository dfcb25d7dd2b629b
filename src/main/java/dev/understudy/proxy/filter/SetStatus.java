package dev.understudy.proxy.filter;

import dev.understudy.pool.FilterKind;
import dev.understudy.pool.FilterKind.Trait;
import dev.understudy.pool.RoutePart;
import java.util.Set;

/**
 * {@code SetStatus} with a condition: replaces the status of a server's response (HAProxy {@code
 * http-response set-status}). Responses that have no body by their status keep theirs.
 *
 * @param status 200 to 599, other than 204, 205 and 304
 */
public record SetStatus(int status) implements Step.Rule {
  /**
   * {@code SetStatus=STATUS when …}
   *
   * <p>Replaces the status of a server's response if the condition holds, which may be on the
   * [response](conditions.md). 200 to 599 except 204, 205 and 304; a response with one of these
   * keeps it. Metrics, access log and circuit breakers count the server's own.
   */
  public static final FilterKind KIND =
      FilterKind.gateway("SetStatus", "status").with(Trait.REQUIRED, Trait.SERVER_RESPONSE).shown();

  private static final Set<Integer> BODILESS = Set.of(204, 205, 304);

  public SetStatus {
    if (status < 200 || status > 599 || BODILESS.contains(status)) {
      throw new IllegalArgumentException(
          "status: expected 200 to 599 other than 204, 205 and 304, found " + status);
    }
  }

  /** Without a condition, or with a status by its name, the filter is the Gateway's own. */
  static Step compile(FilterSource source) throws NotCompilableException {
    if (!waitsForResponse(source.filter())) {
      throw source.notCompiled();
    }
    return new SetStatus(source.arguments().requiredNumber("status"));
  }

  /** Whether the filter is compiled, and may have a condition on the response. */
  static boolean waitsForResponse(RoutePart filter) {
    return FilterKind.of(filter) == KIND
        && filter.when() != null
        && filter.args().size() == 1
        && filter.args().values().iterator().next().matches("[0-9]{3}");
  }

  @Override
  public boolean isOfResponse() {
    return true;
  }

  /** Leaves the request as it is. */
  @Override
  public FilterResult apply(RouteRequest request) {
    return FilterResult.PASS;
  }

  @Override
  public void respond(RequestFacts facts, HeaderFields fields) {
    if (!BODILESS.contains(facts.status())) {
      facts.setStatus(status);
    }
  }
}
