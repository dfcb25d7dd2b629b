package dev.understudy.proxy.gateway;

import java.util.HashMap;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import org.springframework.cloud.gateway.support.HasRouteId;

/**
 * The arguments of a filter with a memory, as texts that both lanes read alike, and the route that
 * the memory belongs to. Spring Boot binds properties, so each argument has a setter.
 */
abstract class GuardArguments implements HasRouteId {
  private final Map<String, String> texts = new HashMap<>();
  private String route = "";

  final void set(String name, String text) {
    texts.put(name, text);
  }

  /** Returns the argument; null if it is not given. */
  final @Nullable String text(String name) {
    return texts.get(name);
  }

  @Override
  public final void setRouteId(String id) {
    route = id;
  }

  @Override
  public final String getRouteId() {
    return route;
  }
}
