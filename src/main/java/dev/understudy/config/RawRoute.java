package dev.understudy.config;

import dev.understudy.pool.RoutePart;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** A route as written, in Spring Cloud Gateway's form; null stands for an absent key. */
record RawRoute(
    @Constraint.Required("an id") @Constraint.Text(TextForm.NAME) @Nullable String id,
    @Constraint.Required("a uri such as pool://sense") @Constraint.Text(TextForm.NOT_EMPTY)
        @Nullable String uri,
    @Constraint.Whole(min = -1_000_000, max = 1_000_000) @Nullable Integer order,
    @Nullable Boolean enabled,
    @Constraint.Required("at least one predicate such as Path=/**")
        @Constraint.Entries(max = Limits.ROUTE_PARTS)
        @Nullable List<RoutePart> predicates,
    @Constraint.Entries(max = Limits.ROUTE_PARTS) @Nullable List<RoutePart> filters,
    @Constraint.Entries(max = Limits.ROUTE_PARTS) @Nullable Map<String, Object> metadata) {}
