package dev.understudy.config;

import dev.understudy.pool.RoutePart;
import dev.understudy.pool.Setting.Default;
import dev.understudy.pool.Setting.Entries;
import dev.understudy.pool.Setting.Free;
import dev.understudy.pool.Setting.Required;
import dev.understudy.pool.Setting.Text;
import dev.understudy.pool.Setting.Values;
import dev.understudy.pool.Setting.Whole;
import dev.understudy.pool.TextFormat;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * A route as written, in Spring Cloud Gateway's form; null stands for an absent key.
 *
 * @param id Unique; appears in metrics and logs.
 * @param uri A pool of this file, or a target that the Gateway has.
 * @param order Lower ones are tried first, equal ones in the file's order.
 * @param enabled `false`: the route is checked, but not used.
 * @param predicates All must hold. {@code Name=argument,argument}, or {@code { name: Name, args: {
 *     key: value } }}.
 * @param filters Applied in this order. Both forms of predicates work; a name alone is enough for a
 *     filter without arguments.
 * @param metadata Free-form, for the Gateway's own use.
 */
record RawRoute(
    @Required("an id") @Text(TextFormat.NAME) @Nullable String id,
    @Values(
            "`pool://NAME`, `http://HOST`, `https://HOST`, `ws://HOST`, `wss://HOST`,"
                + " `forward:/PATH`, `no://op`")
        @Required("a uri such as pool://app")
        @Text(TextFormat.NOT_EMPTY)
        @Nullable String uri,
    @Default("0") @Whole(min = -1_000_000, max = 1_000_000) int order,
    @Default("true") boolean enabled,
    @Required("at least one predicate such as Path=/**")
        @Entries(max = DynamicFileLimits.ROUTE_PARTS)
        @Free
        @Nullable List<RoutePart> predicates,
    @Entries(max = DynamicFileLimits.ROUTE_PARTS) @Free @Nullable List<RoutePart> filters,
    @Entries(max = DynamicFileLimits.ROUTE_PARTS) @Free @Nullable Map<String, Object> metadata) {}
