package dev.understudy.proxy.gateway;

import dev.understudy.pool.FilterKind;
import dev.understudy.pool.RoutePart;
import dev.understudy.proxy.filter.FilterCompiler;
import dev.understudy.proxy.filter.Step;
import dev.understudy.proxy.guard.GuardRegistry;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Set;
import org.springframework.cloud.gateway.filter.GatewayFilter;
import org.springframework.cloud.gateway.filter.factory.AbstractGatewayFilterFactory;
import org.springframework.cloud.gateway.support.HasRouteId;

/**
 * Makes one of our own filters for the Gateway by its name, as routes outside of the dynamic file
 * need it.
 */
final class StepFilterFactory extends AbstractGatewayFilterFactory<StepFilterFactory.Config> {
  /** The arguments by name, and the route that they belong to. */
  static final class Config extends LinkedHashMap<String, String> implements HasRouteId {
    private static final long serialVersionUID = 1;

    private String route = "";

    @Override
    public void setRouteId(String id) {
      route = id;
    }

    @Override
    public String getRouteId() {
      return route;
    }
  }

  private final FilterKind kind;
  private final GuardRegistry guards;

  StepFilterFactory(FilterKind kind, GuardRegistry guards) {
    super(Config.class);
    this.kind = kind;
    this.guards = guards;
  }

  @Override
  public String name() {
    return kind.name();
  }

  @Override
  public List<String> shortcutFieldOrder() {
    return kind.arguments();
  }

  @Override
  public GatewayFilter apply(Config arguments) {
    Step step =
        FilterCompiler.gatewayStep(
            new RoutePart(kind.name(), arguments), Set.of(), arguments.getRouteId(), guards);
    if (step == null) {
      throw new IllegalArgumentException(kind.name() + ": expected arguments for a filter");
    }
    return new StepFilter(step);
  }
}
