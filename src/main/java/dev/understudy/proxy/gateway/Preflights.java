package dev.understudy.proxy.gateway;

import io.netty.handler.codec.http.HttpHeaderNames;
import org.springframework.cloud.gateway.config.GlobalCorsProperties;
import org.springframework.http.HttpHeaders;
import org.springframework.http.HttpMethod;
import org.springframework.http.server.reactive.ServerHttpRequest;
import org.springframework.http.server.reactive.ServerHttpRequestDecorator;

/**
 * Keeps Spring from responding to CORS preflights (WHATWG Fetch §3.3.2) before any filter or server
 * sees them: the application decides which origins it accepts. If the Gateway's own CORS is
 * configured, globally or on any route, all preflights are left to it.
 *
 * <p>Works by hiding the one header by which Spring recognises a preflight; the engine gets it
 * back.
 */
record Preflights(GlobalCorsProperties global, PoolRoutes routes) {
  static final String MARK = HttpHeaderNames.ACCESS_CONTROL_REQUEST_METHOD.toString();

  /** Returns the request as Spring may see it. */
  ServerHttpRequest hide(ServerHttpRequest request) {
    return HttpMethod.OPTIONS.equals(request.getMethod())
            && request.getHeaders().containsHeader(MARK)
            && global.getCorsConfigurations().isEmpty()
            && !routes.haveCors()
        ? new Hidden(request)
        : request;
  }

  private static final class Hidden extends ServerHttpRequestDecorator {
    private final HttpHeaders headers = new HttpHeaders();

    Hidden(ServerHttpRequest request) {
      super(request);
      headers.addAll(request.getHeaders());
      headers.remove(MARK);
    }

    @Override
    public HttpHeaders getHeaders() {
      return headers;
    }
  }
}
