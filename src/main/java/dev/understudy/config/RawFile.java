package dev.understudy.config;

import dev.understudy.pool.RoutePart;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** The file as written; null stands for an absent key. */
record RawFile(
    @Rule.Required("at least one pool") @Rule.Entries(max = Limits.POOLS, keys = TextForm.LABEL)
        @Nullable Map<String, RawPool> pools,
    @Rule.Entries(max = Limits.ROUTE_PARTS) @Nullable List<RoutePart> defaultFilters,
    @Rule.Required("at least one route") @Rule.Entries(max = Limits.ROUTES)
        @Nullable List<RawRoute> routes) {}
