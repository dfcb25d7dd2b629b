package dev.understudy.config;

import dev.understudy.pool.FailbackSettings;
import dev.understudy.pool.PoolMode;
import dev.understudy.pool.PoolSettings;
import dev.understudy.pool.ServerSettings;
import dev.understudy.pool.Setting.Default;
import dev.understudy.pool.Setting.Entries;
import dev.understudy.pool.Setting.Free;
import dev.understudy.pool.Setting.Inline;
import dev.understudy.pool.Setting.OfRequests;
import dev.understudy.pool.Setting.Required;
import dev.understudy.pool.Setting.Text;
import dev.understudy.pool.Setting.Unset;
import dev.understudy.pool.Setting.Values;
import dev.understudy.pool.Setting.Whole;
import dev.understudy.pool.TextFormat;
import java.util.Map;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * A pool as written; null stands for an absent key.
 *
 * @param mode {@code failover}: one server at a time gets all traffic. {@code balance}: all usable
 *     masters [share](balance.md) the traffic; the backups do while no master is usable.
 * @param servers [Servers](#servers) by name: a DNS label of at most 40 characters, except {@code
 *     auto}. At least one is a master. Among servers of the same role, an earlier one is preferred
 *     to a later one.
 * @param health [Health checks](checks.md).
 * @param failback [Return of the role](failover.md#failback) to a preferred server.
 * @param errorPages [Error pages](error-pages.md) for requests whose route leads to this pool.
 */
record RawPool(
    @Default("failover") PoolMode mode,
    @Required("at least one server")
        @Entries(max = DynamicFileLimits.SERVERS, keys = TextFormat.LABEL)
        @Nullable Map<String, ServerEntry> servers,
    @Default RawHealth health,
    @Default @Free FailbackSettings failback,
    @Inline PoolSettings settings,
    @OfRequests @Free @Entries(max = DynamicFileLimits.ERROR_PAGES, keys = TextFormat.ERROR_STATUS)
        @Nullable Map<String, Object> errorPages) {
  /**
   * A server as written, or servers that DNS or a cluster tells.
   *
   * @param url The address. All servers of a pool have HTTP or all have TCP ({@code tls}: inside
   *     TLS); TCP connections come from [listeners](listeners.md). Names are resolved again and
   *     again. While that fails, the last address stays in use.
   * @param count The most servers that the name's records may add: [servers from
   *     DNS](balance.md#servers-from-dns), [from a cluster](balance.md#servers-from-a-cluster).
   * @param roleLabel Label of the Pod that has the role, which counts [beside its
   *     probe](balance.md#role-labels). For URLs with {@code +k8s} only.
   * @param pods Names of the [Pods](balance.md#pods-by-name) that count, such as those of a
   *     StatefulSet. For URLs with {@code +k8s} only.
   */
  record ServerEntry(
      @Values(
              "`http` or `https`, a host, an optional port, nothing else; or `tcp` or `tls`, a host"
                  + " and a port")
          @Required(ServerUrl.EXPECTED)
          @Nullable String url,
      @Inline ServerSettings settings,
      @Unset("one server") @Whole(min = 1, max = DynamicFileLimits.SERVERS) @Nullable Integer count,
      @Unset("labels do not count") @Text(TextFormat.POD_LABEL) @Nullable String roleLabel,
      @Unset("all that no other server of the same Service names")
          @Entries(max = DynamicFileLimits.SERVERS, items = TextFormat.NAME)
          @Nullable Set<String> pods) {}
}
