package dev.understudy.proxy.filter;

import dev.understudy.condition.PathForms;
import dev.understudy.pool.FilterKind;
import dev.understudy.pool.FilterKind.Trait;
import java.util.List;
import java.util.Set;
import java.util.stream.Collectors;

/**
 * {@code RequireWebSocketUpgrade}: responds with 403 to a request for this path unless it
 * {@linkplain dev.understudy.proxy.http.WebSocketHandshake#isRelayed is relayed} as a handshake,
 * and a {@linkplain dev.understudy.proxy.http.WebSocketHandshake#isComplete complete} one. The path
 * is the client's, whatever other steps make of it, and compared as a whole, in each of its
 * {@linkplain PathForms forms}.
 *
 * @param paths the ways to write it
 */
public record RequireWebSocketUpgrade(Set<String> paths) implements Step {
  /**
   * {@code RequireWebSocketUpgrade=/PATH}
   *
   * <p>403 for requests to that path unless they are complete WebSocket handshakes that are
   * relayed: GET, no body, with key and version; over HTTP/2 an extended {@code CONNECT} (RFC
   * 8441).
   *
   * <p>Example: {@code RequireWebSocketUpgrade=/websocket}
   */
  public static final FilterKind KIND =
      FilterKind.own("RequireWebSocketUpgrade", "path").with(Trait.GUARD, Trait.FIRST).shown();

  public RequireWebSocketUpgrade(String path) {
    this(PathForms.spellings(RequestForm.normal(path)).collect(Collectors.toUnmodifiableSet()));
  }

  static Step compile(FilterSource source) throws NotCompilableException {
    String path = source.arguments().text("path");
    if (path == null || !path.startsWith("/") || path.indexOf('?') >= 0) {
      throw new IllegalArgumentException(
          "path: expected one that starts with '/', without a query, found "
              + FilterArguments.quoted(path));
    }
    return new RequireWebSocketUpgrade(path);
  }

  /**
   * Whether only handshakes may pass.
   *
   * @param target in origin-form, as it came
   * @param normalPath the normalised path of the target, without a query
   */
  private boolean guards(String target, String normalPath) {
    if (paths.contains(normalPath)) {
      return true;
    }
    List<String> others = PathForms.others(RequestForm.withoutQuery(target), normalPath);
    for (int i = 0; i < others.size(); i++) {
      if (paths.contains(others.get(i))) {
        return true;
      }
    }
    return PathForms.areTooMany(others);
  }

  @Override
  public FilterResult apply(RouteRequest request) {
    return request.isCompleteHandshake() || !guards(request.target(), request.path())
        ? FilterResult.PASS
        : request.refuse(403);
  }
}
