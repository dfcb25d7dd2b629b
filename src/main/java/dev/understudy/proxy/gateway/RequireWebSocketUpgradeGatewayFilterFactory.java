package dev.understudy.proxy.gateway;

import dev.understudy.proxy.front.RequestTarget;
import java.util.List;
import org.jspecify.annotations.Nullable;
import org.springframework.cloud.gateway.filter.GatewayFilter;
import org.springframework.cloud.gateway.filter.factory.AbstractGatewayFilterFactory;
import org.springframework.http.HttpStatusCode;

/**
 * {@code RequireWebSocketUpgrade=/websocket}: 403 for requests to that path that do not ask for a
 * WebSocket in {@code Connection} and {@code Upgrade}. The path is the client's, normalised, and
 * compared whole; what other filters make of it does not matter. As servers may, it takes {@code
 * //} for one slash and no notice of parameters ({@code ;name=value}), since otherwise these would
 * lead around it.
 */
public final class RequireWebSocketUpgradeGatewayFilterFactory
    extends AbstractGatewayFilterFactory<RequireWebSocketUpgradeGatewayFilterFactory.Config> {

  /**
   * Where.
   *
   * @param path starts with a slash
   */
  public record Config(@Nullable String path) {}

  public RequireWebSocketUpgradeGatewayFilterFactory() {
    super(Config.class);
  }

  @Override
  public List<String> shortcutFieldOrder() {
    return List.of("path");
  }

  @Override
  public GatewayFilter apply(Config config) {
    String path = config.path();
    if (path == null || !path.startsWith("/") || path.indexOf('?') >= 0) {
      throw new IllegalArgumentException(
          "path: expected one that starts with '/', without a query, found '" + path + "'");
    }
    String guarded = RequestTarget.normalise(path);
    return (exchange, chain) -> {
      LaneRequest request = LaneRequest.of(exchange);
      boolean its = guarded.equals(request.uri.getRawPath()) || isReadAs(guarded, request.target);
      return !its || WebSocketHandshake.asks(request.headers())
          ? chain.filter(exchange)
          : LocalAnswers.write(exchange, request, HttpStatusCode.valueOf(403));
    };
  }

  private static boolean isReadAs(String guarded, String target) {
    return (target.indexOf(';') >= 0 || target.contains("//"))
        && guarded.equals(RequestTarget.normalise(withoutParametersAndEmptySegments(target)));
  }

  private static String withoutParametersAndEmptySegments(String target) {
    int question = target.indexOf('?');
    int length = question < 0 ? target.length() : question;
    StringBuilder read = new StringBuilder(length);
    boolean parameters = false;
    for (int i = 0; i < length; i++) {
      char c = target.charAt(i);
      parameters = c == ';' || (parameters && c != '/');
      boolean again = c == '/' && !read.isEmpty() && read.charAt(read.length() - 1) == '/';
      if (!parameters && !again) {
        read.append(c);
      }
    }
    return read.toString();
  }
}
