package dev.understudy.testing;

import dev.understudy.pool.FilterKind;
import dev.understudy.pool.RoutePart;
import dev.understudy.pool.RouteSpec;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;
import org.springframework.cloud.gateway.filter.FilterDefinition;

/** Routes without a file. */
public final class TestRoutes {
  /** Matches paths below {@code /gateway}; its predicate on time is not compiled. */
  public static final RouteSpec GATEWAY =
      new RouteSpec(
          "gateway",
          "pool://sense",
          0,
          parts("Path=/gateway/**", "After=2017-01-20T17:42:47Z"),
          List.of(),
          Map.of());

  private TestRoutes() {}

  /** A predicate or filter from its short form, split as the Gateway splits it, or as one list. */
  public static RoutePart part(String text) {
    String[] condition = text.split(" when ", 2);
    FilterDefinition split = new FilterDefinition(condition[0]);
    boolean list = FilterKind.of(split.getName()).mostArguments() == 1;
    return new RoutePart(
        split.getName(),
        list
            ? Map.of(RoutePart.generatedKey(0), String.join(",", split.getArgs().values()))
            : split.getArgs(),
        condition.length == 1 ? null : condition[1]);
  }

  public static List<RoutePart> parts(String... texts) {
    return Stream.of(texts).map(TestRoutes::part).toList();
  }

  public static RouteSpec route(String id, String uri, String predicate, String... filters) {
    return new RouteSpec(id, uri, 0, parts(predicate), parts(filters), Map.of());
  }
}
