package dev.understudy.reload;

import dev.understudy.pool.RoutePart;
import dev.understudy.pool.RouteSpec;
import dev.understudy.proxy.guard.GuardRegistry;
import dev.understudy.proxy.route.RouteCompiler;
import dev.understudy.proxy.route.RouteTable;
import dev.understudy.settings.StaticSettings;
import java.util.List;
import org.jspecify.annotations.Nullable;
import org.springframework.boot.context.properties.bind.Binder;
import org.springframework.boot.context.properties.source.ConfigurationPropertyName;
import org.springframework.boot.context.properties.source.ConfigurationPropertySource;
import org.springframework.boot.context.properties.source.ConfigurationPropertySources;
import org.springframework.boot.context.properties.source.ConfigurationPropertyState;
import org.springframework.core.env.Environment;
import org.springframework.util.StringUtils;

/**
 * Compiles the dynamic file's routes, or leaves all of them to the Gateway if a static setting
 * changes their meaning or turns the express lane off.
 */
public final class RouteTableFactory {
  /** The Gateway's own prefix, without loading its classes. */
  private static final String GATEWAY = "spring.cloud.gateway.server.webflux";

  private static final String BASE_PATH = "spring.webflux.base-path";
  private static final String HOST_PORT = GATEWAY + ".predicate.host.include-port";

  private final @Nullable String gatewayOnly;

  /** Whether the compiler's reading of the routes is valid, whichever lane serves them. */
  private final boolean understood;

  private final GuardRegistry guards;

  private RouteTableFactory(
      @Nullable String gatewayOnly, boolean understood, GuardRegistry guards) {
    this.gatewayOnly = gatewayOnly;
    this.understood = understood;
    this.guards = guards;
  }

  /** Returns an instance without static settings that affect the routes. */
  public static RouteTableFactory of() {
    return new RouteTableFactory(null, true, new GuardRegistry());
  }

  public static RouteTableFactory of(
      StaticSettings settings, Environment environment, GuardRegistry guards) {
    String why = otherMeaning(environment);
    return settings.express() == StaticSettings.Express.OFF
        ? new RouteTableFactory("understudy.express is off", why == null, guards)
        : new RouteTableFactory(why, why == null, guards);
  }

  private static @Nullable String otherMeaning(Environment environment) {
    if (isSet(environment, GATEWAY + ".globalcors.cors-configurations")) {
      return "CORS is the Gateway's: " + GATEWAY + ".globalcors is set";
    }
    if (isSet(environment, GATEWAY + ".routes")) {
      return "there are routes outside of the dynamic file: " + GATEWAY + ".routes";
    }
    if (StringUtils.hasText(Binder.get(environment).bind(BASE_PATH, String.class).orElse(""))) {
      return "spring.webflux.base-path is set";
    }
    if (environment.getProperty(HOST_PORT, boolean.class, true)) {
      return HOST_PORT + " is not false";
    }
    return null;
  }

  /** Whether there is a setting below that name. */
  private static boolean isSet(Environment environment, String name) {
    ConfigurationPropertyName parent = ConfigurationPropertyName.of(name);
    for (ConfigurationPropertySource source : ConfigurationPropertySources.get(environment)) {
      if (source.containsDescendantOf(parent) == ConfigurationPropertyState.PRESENT) {
        return true;
      }
    }
    return false;
  }

  public RouteTable table(List<RouteSpec> routes, List<RoutePart> defaultFilters) {
    return gatewayOnly == null
        ? RouteCompiler.compile(routes, defaultFilters, guards)
        : RouteCompiler.gatewayOnly(routes, defaultFilters, gatewayOnly);
  }

  /**
   * Returns the table for the Gateway's own search of the routes: a compiled one, which can rule
   * routes out even if the Gateway serves all of them, unless a static setting changes their
   * meaning.
   */
  public RouteTable search(
      RouteTable table, List<RouteSpec> routes, List<RoutePart> defaultFilters) {
    return understood && gatewayOnly != null
        ? RouteCompiler.compile(routes, defaultFilters, guards)
        : table;
  }
}
