package dev.understudy.config;

import dev.understudy.pool.Balance;
import dev.understudy.pool.FailbackSettings;
import dev.understudy.pool.HoldSettings;
import dev.understudy.pool.Mode;
import dev.understudy.pool.PassiveSettings;
import dev.understudy.pool.ProxyHeader;
import dev.understudy.pool.Rank;
import dev.understudy.pool.RetrySettings;
import dev.understudy.pool.Server;
import dev.understudy.pool.Setting.Default;
import dev.understudy.pool.Setting.Entries;
import dev.understudy.pool.Setting.Free;
import dev.understudy.pool.Setting.OfRequests;
import dev.understudy.pool.Setting.Required;
import dev.understudy.pool.Setting.Text;
import dev.understudy.pool.Setting.Unset;
import dev.understudy.pool.Setting.Values;
import dev.understudy.pool.Setting.Whole;
import dev.understudy.pool.StickySettings;
import dev.understudy.pool.SwitchSettings;
import dev.understudy.pool.TextForm;
import dev.understudy.pool.TimeoutSettings;
import dev.understudy.pool.UpstreamTls;
import java.util.Map;
import java.util.OptionalInt;
import org.jspecify.annotations.Nullable;

/**
 * A pool as written; null stands for an absent key.
 *
 * @param mode {@code failover}: one server at a time gets all traffic. {@code balance}: all usable
 *     masters get their [share](balance.md), or the backups while no master is usable.
 * @param servers [Servers](#servers) by name: a DNS label of at most 40 characters, except {@code
 *     auto}. At least one is a master. Among servers of the same role the order is the order of
 *     preference.
 * @param health [Health checks](checks.md).
 * @param passive [Circuit breakers](failover.md#passive). An empty section, {@code {}}, turns them
 *     on with their defaults.
 * @param failback [Return of the role](failover.md#failback) to a preferred server.
 * @param sticky [Sessions](sessions.md) kept by a cookie. An empty section, {@code {}}, turns them
 *     on with their defaults.
 * @param hold [Requests that wait](failover.md#hold) for a server that can serve.
 * @param retry [Requests that are replayed](failover.md#retry).
 * @param onSwitch [WebSockets and streams](failover.md#on-switch) when the serving server changes.
 * @param timeouts [Time limits](failover.md#timeouts) of servers.
 * @param errorPages [Error pages](error-pages.md) for requests whose route leads to this pool.
 * @param tls [TLS](tls.md) to servers whose URL begins with {@code https://}.
 * @param proxyProtocol A PROXY protocol header with the client's address begins each connection to
 *     a TCP server, before a TLS handshake too. For pools of {@code tcp} and {@code tls} servers
 *     only.
 * @param balance How a pool with {@code mode: balance} [spreads](balance.md) its requests.
 * @param http2 [HTTP/2](protocols.md#http2-to-servers) to the servers, as gRPC needs it.
 */
record RawPool(
    @Default("failover") Mode mode,
    @Required("at least one server") @Entries(max = Limits.SERVERS, keys = TextForm.LABEL)
        @Nullable Map<String, ServerEntry> servers,
    @Default RawHealth health,
    @Unset("off") @OfRequests @Nullable PassiveSettings passive,
    @Default @Free FailbackSettings failback,
    @Unset("off") @Nullable StickySettings sticky,
    @Default HoldSettings hold,
    @Default @OfRequests RetrySettings retry,
    @Default SwitchSettings onSwitch,
    @Default TimeoutSettings timeouts,
    @OfRequests @Free @Entries(max = Limits.ERROR_PAGES, keys = TextForm.ERROR_STATUS)
        @Nullable Map<String, Object> errorPages,
    @Default UpstreamTls tls,
    @Unset("off") @Nullable ProxyHeader proxyProtocol,
    @Default("round-robin") Balance balance,
    @Default("false") boolean http2) {

  /**
   * A server as written, or servers that DNS tells.
   *
   * @param url The address. All servers of a pool have HTTP or all have TCP ({@code tls}: inside
   *     TLS); TCP connections come from [listeners](listeners.md). Names are resolved again and
   *     again; the last good address stays in use while resolution fails.
   * @param role A backup serves while no master is usable.
   * @param maxRequests Requests in flight at once from one replica; of a TCP server, connections.
   *     Excess ones wait in [{@code hold}](failover.md#hold), oldest first.
   * @param weight Share of a [{@code balance}](balance.md) pool, relative to the other servers'.
   *     With {@code 0} a server keeps its sessions and gets no new ones.
   * @param count The most servers that the name's records may add: [servers from
   *     DNS](balance.md#servers-from-dns).
   * @param healthPort Port to probe, of this server: Patroni on 8008 and 8009 of one machine
   *     (HAProxy {@code check port}). With a {@code count} that of each server.
   * @param healthHost Host that probes connect to, and questions to an [agent](checks.md#agents)
   *     without a {@code host} (HAProxy {@code check addr}). Names are resolved again and again.
   *     {@code Host} and the name in TLS stay those of the {@code url}.
   */
  record ServerEntry(
      @Values(
              "`http` or `https`, a host, an optional port, nothing else; or `tcp` or `tls`, a host"
                  + " and a port")
          @Required(ServerUrl.EXPECTED)
          @Nullable String url,
      @Default("master") Rank role,
      @Unset("no limit") @Whole(min = 1, max = 1_000_000) OptionalInt maxRequests,
      @Default("1") @Whole(min = 0, max = Server.MAX_WEIGHT) int weight,
      @Unset("one server") @Whole(min = 1, max = Limits.SERVERS) @Nullable Integer count,
      @Unset("that of [`health`](checks.md), else its own") @Whole(min = 1, max = 65_535)
          OptionalInt healthPort,
      @Unset("its own") @Text(TextForm.HOST_OR_ADDRESS) @Nullable String healthHost) {}
}
