package dev.understudy.config;

import dev.understudy.pool.RoutePart;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** A route as written, in Spring Cloud Gateway's form; null stands for an absent key. */
record RawRoute(
    @Rule.Required("an id") @Rule.Text(TextForm.NAME) @Nullable String id,
    @Rule.Required("a uri such as pool://sense") @Rule.Text(TextForm.NOT_EMPTY)
        @Nullable String uri,
    @Rule.Whole(min = -1_000_000, max = 1_000_000) @Nullable Integer order,
    @Nullable Boolean enabled,
    @Rule.Required("at least one predicate such as Path=/**")
        @Rule.Entries(max = Limits.ROUTE_PARTS)
        @Nullable List<RoutePart> predicates,
    @Rule.Entries(max = Limits.ROUTE_PARTS) @Nullable List<RoutePart> filters,
    @Rule.Entries(max = Limits.ROUTE_PARTS) @Nullable Map<String, Object> metadata) {}
