package dev.understudy.config;

import dev.understudy.pool.DnsSettings;
import dev.understudy.pool.RoutePart;
import dev.understudy.pool.Setting.Default;
import dev.understudy.pool.Setting.Entries;
import dev.understudy.pool.Setting.Free;
import dev.understudy.pool.Setting.OfAllPools;
import dev.understudy.pool.Setting.Values;
import dev.understudy.pool.TextFormat;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * The file as written; null stands for an absent key.
 *
 * @param pools [Pools](#pools) by name: a DNS label ({@code a}-{@code z}, {@code 0}-{@code 9},
 *     {@code -}) of at most 40 characters. A file whose routes all respond by themselves, as
 *     redirects do, needs none.
 * @param errorPages [Error pages](error-pages.md) for all requests.
 * @param defaultFilters [Filters](filters.md) of every route.
 * @param routes [Routes](routes.md): which requests go where. At least one, unless all listeners
 *     relay TCP.
 * @param listeners [Listeners](listeners.md) by name: a DNS label of at most 40 characters, but
 *     neither {@code main} nor {@code http}.
 * @param poolDefaults [Settings of all pools](failover.md#pool-defaults).
 * @param dns [How names of servers are resolved](balance.md#servers-from-dns).
 */
record RawFile(
    @Entries(max = DynamicFileLimits.POOLS, keys = TextFormat.LABEL)
        @Nullable Map<String, RawPool> pools,
    @Free @Entries(max = DynamicFileLimits.ERROR_PAGES, keys = TextFormat.ERROR_STATUS)
        @Nullable Map<String, Object> errorPages,
    @Entries(max = DynamicFileLimits.ROUTE_PARTS) @Nullable List<RoutePart> defaultFilters,
    @Entries(max = DynamicFileLimits.ROUTES) @Nullable List<RawRoute> routes,
    @Entries(max = DynamicFileLimits.LISTENERS, keys = TextFormat.LABEL)
        @Nullable Map<String, RawListener> listeners,
    @Values("any keys of a pool but `servers` and `error-pages`")
        @Free
        @OfAllPools(without = {"servers", "error-pages"})
        @Nullable Map<String, Object> poolDefaults,
    @Default @Free DnsSettings dns) {}
