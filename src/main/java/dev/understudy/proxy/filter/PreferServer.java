package dev.understudy.proxy.filter;

import dev.understudy.pool.FilterKind;
import dev.understudy.pool.FilterKind.Trait;
import dev.understudy.pool.ServerId;

/** {@code PreferServer}: names the preferred server; the last one in a route counts. */
public record PreferServer(ServerId server) implements Step {
  /**
   * {@code PreferServer=SERVER}
   *
   * <p>The request goes to that server while it is usable, whichever server serves. It is a server
   * of the route's pool, or of the pool that an earlier {@code UsePool} names.
   *
   * <p>Example: {@code PreferServer=two}
   */
  public static final FilterKind KIND =
      FilterKind.own("PreferServer", "server").with(Trait.SERVER).shown();

  static Step compile(FilterSource source) throws NotCompilableException {
    return new PreferServer(new ServerId(source.arguments().required("server")));
  }

  @Override
  public FilterResult apply(RouteRequest request) {
    request.prefer(server);
    return FilterResult.PASS;
  }
}
