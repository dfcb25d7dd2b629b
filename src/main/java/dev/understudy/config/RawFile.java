package dev.understudy.config;

import dev.understudy.pool.RoutePart;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** The file as written; null stands for an absent key. */
record RawFile(
    @Constraint.Entries(max = Limits.POOLS, keys = TextForm.LABEL)
        @Nullable Map<String, RawPool> pools,
    @Constraint.Free @Constraint.Entries(max = Limits.ERROR_PAGES, keys = TextForm.ERROR_STATUS)
        @Nullable Map<String, Object> errorPages,
    @Constraint.Entries(max = Limits.ROUTE_PARTS) @Nullable List<RoutePart> defaultFilters,
    @Constraint.Entries(max = Limits.ROUTES) @Nullable List<RawRoute> routes,
    @Constraint.Entries(max = Limits.LISTENERS, keys = TextForm.LABEL)
        @Nullable Map<String, RawListener> listeners,
    @Constraint.Free @Constraint.PoolSettings(without = {"servers", "error-pages"})
        @Nullable Map<String, Object> poolDefaults,
    @Nullable Dns dns) {

  record Dns(
      @Constraint.Entries(max = 8) @Nullable List<String> servers,
      @Constraint.Span(min = "0s", max = "1h") @Nullable Duration hold) {}
}
