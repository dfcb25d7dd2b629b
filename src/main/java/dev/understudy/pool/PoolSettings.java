package dev.understudy.pool;

import dev.understudy.pool.Setting.Default;
import dev.understudy.pool.Setting.OfRequests;
import dev.understudy.pool.Setting.Unset;
import org.jspecify.annotations.Nullable;

/**
 * The settings of a pool that depend neither on its servers nor on its health checks.
 *
 * @param passive [Circuit breakers](failover.md#passive). An empty section, {@code {}}, turns them
 *     on with their defaults.
 * @param sticky [Sessions](sessions.md) kept by a cookie. An empty section, {@code {}}, turns them
 *     on with their defaults.
 * @param hold [Requests that wait](failover.md#hold) for a server that can serve.
 * @param retry [Requests that are replayed](failover.md#retry).
 * @param onSwitch [WebSockets and streams](failover.md#on-switch) when the serving server changes.
 * @param timeouts [Time limits](failover.md#timeouts) of servers.
 * @param tls [TLS](tls.md) to servers whose URL begins with {@code https://}.
 * @param proxyProtocol Each connection to a TCP server begins with a PROXY protocol header with the
 *     client's address, before any TLS handshake. For pools of {@code tcp} and {@code tls} servers
 *     only.
 * @param balance How a pool with {@code mode: balance} [spreads](balance.md) its requests.
 * @param preferSameZone For {@code mode: balance}: each replica sends to servers of [its own
 *     zone](balance.md#zones) while one of them has room.
 * @param http2 Use [HTTP/2](protocols.md#http2-to-servers) to the servers. gRPC needs it.
 * @param hooks [Calls](hooks.md) that fence the old server and promote the new one.
 * @param promotion [How far behind](databases.md#lag) a server may be that is promoted without an
 *     operator's word.
 */
public record PoolSettings(
    @Unset("off") @OfRequests @Nullable PassiveSettings passive,
    @Unset("off") @Nullable StickySettings sticky,
    @Default HoldSettings hold,
    @Default @OfRequests RetrySettings retry,
    @Default SwitchSettings onSwitch,
    @Default TimeoutSettings timeouts,
    @Default UpstreamTls tls,
    @Unset("off") @Nullable ProxyHeader proxyProtocol,
    @Default("round-robin") BalanceAlgorithm balance,
    @Default("false") boolean preferSameZone,
    @Default("false") boolean http2,
    @Default HookSettings hooks,
    @Default PromotionSettings promotion) {
  public static final PoolSettings DEFAULT = SectionType.defaults(PoolSettings.class);
}
