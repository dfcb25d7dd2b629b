package dev.understudy.proxy.filter;

import dev.understudy.condition.PathForms;
import dev.understudy.pool.FilterKind;
import dev.understudy.pool.FilterKind.Trait;
import dev.understudy.proxy.http.NormalTarget;
import java.util.List;

/**
 * {@code RequireWebSocketUpgrade}: responds with 403 to a request for this path unless it
 * {@linkplain dev.understudy.proxy.http.WebSocketHandshake#isRelayed is relayed} as a handshake,
 * and a {@linkplain dev.understudy.proxy.http.WebSocketHandshake#isComplete complete} one. The path
 * is the client's, whatever other steps make of it, and compared as a whole, in each of its
 * {@linkplain PathForms forms}.
 *
 * @param path normalised
 * @param decoded the same, decoded
 */
public record RequireWebSocketUpgrade(String path, String decoded) implements Step {
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
    this(path, PathForms.decoded(path));
  }

  static Step compile(FilterSource source) throws NotCompilableException {
    String path = source.arguments().text("path");
    if (path == null || !path.startsWith("/") || path.indexOf('?') >= 0) {
      throw new IllegalArgumentException(
          "path: expected one that starts with '/', without a query, found "
              + FilterArguments.quoted(path));
    }
    return new RequireWebSocketUpgrade(NormalTarget.of(path));
  }

  /**
   * Whether only handshakes may pass.
   *
   * @param target in origin-form, as it came
   * @param normalPath the normalised path of the target, without a query
   */
  private boolean guards(String target, String normalPath) {
    if (isGuarded(normalPath)) {
      return true;
    }
    List<String> others = PathForms.others(RequestForm.withoutQuery(target), normalPath);
    for (int i = 0; i < others.size(); i++) {
      if (isGuarded(others.get(i))) {
        return true;
      }
    }
    return PathForms.areTooMany(others);
  }

  private boolean isGuarded(String form) {
    return form.equals(path) || form.equals(decoded);
  }

  @Override
  public FilterResult apply(RouteRequest request) {
    return request.isCompleteHandshake() || !guards(request.target(), request.path())
        ? FilterResult.PASS
        : request.refuse(403);
  }
}
