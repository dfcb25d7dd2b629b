package dev.understudy.proxy.gateway;

import io.netty.handler.codec.http.HttpHeaderNames;
import org.springframework.cloud.gateway.config.GlobalCorsProperties;
import org.springframework.http.HttpHeaders;
import org.springframework.http.HttpMethod;
import org.springframework.http.server.reactive.ServerHttpRequest;
import org.springframework.http.server.reactive.ServerHttpRequestDecorator;

/**
 * Keeps Spring from answering CORS preflights (WHATWG Fetch §3.3.2) on its own, without a filter or
 * a server ever seeing them: whether another origin is welcome is the application's to say. Where
 * somebody has configured the Gateway's own CORS, globally or on any route, all are left to it.
 *
 * <p>Done by hiding the one header by which Spring knows a preflight; the engine gets it.
 */
final class Preflights {
  static final String MARK = HttpHeaderNames.ACCESS_CONTROL_REQUEST_METHOD.toString();

  private final GlobalCorsProperties global;
  private final PoolRoutes routes;

  Preflights(GlobalCorsProperties global, PoolRoutes routes) {
    this.global = global;
    this.routes = routes;
  }

  /** The request as Spring may see it. */
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
