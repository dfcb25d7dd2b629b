package dev.understudy.proxy.filter;

import dev.understudy.pool.ServerId;

/** {@code PreferServer}: names the preferred server; the last one in a route counts. */
public record PreferServer(ServerId server) implements Step {
  static Step compile(FilterSource source) throws NotCompilableException {
    return new PreferServer(new ServerId(source.arguments().required("server")));
  }

  @Override
  public FilterResult apply(RouteRequest request) {
    request.prefer(server);
    return FilterResult.PASS;
  }
}
