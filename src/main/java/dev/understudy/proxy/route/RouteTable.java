package dev.understudy.proxy.route;

import io.netty.handler.codec.http.HttpMethod;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** All routes in force, immutable; looked up once for each request, by any thread. */
public final class RouteTable {
  /** Leaves every request to the Gateway. */
  public static final RouteTable GATEWAY_ONLY = new RouteTable(List.of());

  private final List<RouteLane> lanes;

  RouteTable(List<RouteLane> lanes) {
    this.lanes = lanes;
  }

  /**
   * The route that the Gateway too would choose, if it is compiled.
   *
   * @param host the {@code Host} header as it came; null: there is none
   * @param path normalised, without a query
   * @return null: the request is the Gateway's, because no compiled route matches, or because one
   *     that is not compiled and might match comes first
   */
  public @Nullable CompiledRoute find(HttpMethod method, @Nullable String host, String path) {
    return null;
  }

  /** What lane each route got, in true route order. */
  public List<RouteLane> lanes() {
    return lanes;
  }
}
