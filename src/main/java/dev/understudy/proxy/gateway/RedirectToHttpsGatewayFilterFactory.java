package dev.understudy.proxy.gateway;

import io.netty.handler.codec.http.HttpHeaderNames;
import java.util.List;
import java.util.Set;
import org.jspecify.annotations.Nullable;
import org.springframework.boot.context.properties.bind.DefaultValue;
import org.springframework.cloud.gateway.filter.GatewayFilter;
import org.springframework.cloud.gateway.filter.factory.AbstractGatewayFilterFactory;
import org.springframework.http.HttpStatusCode;
import org.springframework.http.server.reactive.ServerHttpResponse;

/**
 * {@code RedirectToHttps=301}: sends clients that came without TLS to the same host and target on
 * https (HAProxy {@code http-request redirect scheme https}); requests whose TLS a trusted proxy
 * ended pass, and those without a host are answered with 400.
 */
public final class RedirectToHttpsGatewayFilterFactory
    extends AbstractGatewayFilterFactory<RedirectToHttpsGatewayFilterFactory.Config> {
  private static final Set<Integer> STATUSES = Set.of(301, 302, 307, 308);

  /**
   * How.
   *
   * @param status 301, 302, 307 or 308
   * @param port where https is; null: 443, which is not named
   */
  public record Config(@DefaultValue("301") int status, @Nullable Integer port) {}

  public RedirectToHttpsGatewayFilterFactory() {
    super(Config.class);
  }

  @Override
  public List<String> shortcutFieldOrder() {
    return List.of("status", "port");
  }

  @Override
  public GatewayFilter apply(Config config) {
    if (!STATUSES.contains(config.status())) {
      throw new IllegalArgumentException(
          "status: expected 301, 302, 307 or 308, found " + config.status());
    }
    Integer port = config.port();
    if (port != null && (port < 1 || port > 65535)) {
      throw new IllegalArgumentException("port: expected 1 to 65535, found " + port);
    }
    String suffix = port == null || port == 443 ? "" : ":" + port;
    return (exchange, chain) -> {
      LaneRequest request = LaneRequest.of(exchange);
      if (request.tls) {
        return chain.filter(exchange);
      }
      String host = withoutPort(request.host());
      if (host.isEmpty()) {
        // HTTP/1.0: "https:///evil.test/" would lead browsers to wherever the client chose.
        return LocalAnswers.write(exchange, request, HttpStatusCode.valueOf(400));
      }
      ServerHttpResponse response = exchange.getResponse();
      response.setStatusCode(HttpStatusCode.valueOf(config.status()));
      response
          .getHeaders()
          .set(
              HttpHeaderNames.LOCATION.toString(),
              "https://" + host + suffix + path(request.target));
      response.getHeaders().setContentLength(0);
      return response.setComplete();
    };
  }

  private static String withoutPort(String host) {
    int colon = host.indexOf(':', host.startsWith("[") ? host.indexOf(']') + 1 : 0);
    return colon < 0 ? host : host.substring(0, colon);
  }

  /** {@code OPTIONS *} has none. */
  private static String path(String target) {
    return target.startsWith("/") ? target : "/";
  }
}
