package dev.understudy.traffic;

import dev.understudy.pool.PoolId;
import dev.understudy.pool.ServerId;
import java.net.InetSocketAddress;
import org.jspecify.annotations.Nullable;

/**
 * The end of one relayed TCP connection: the source of metrics and the access log.
 *
 * @param listener the name of the listener that accepted it
 * @param serverName the server name of its TLS handshake; null if there is none, or if nothing
 *     depends on it
 * @param pool null if it was refused before a pool was known
 * @param server the server of the last attempt, even if no connection to it could be made; null if
 *     none
 * @param client the client's address, by the PROXY protocol if the listener reads it
 * @param attempts attempts to connect in all
 * @param heldNanos time spent waiting for a server
 * @param durationNanos time from its acceptance to its end
 * @param bytesIn bytes from the client that went to the server
 * @param bytesOut bytes from the server that went to the client
 */
public record ConnectionOutcome(
    String listener,
    @Nullable String serverName,
    @Nullable PoolId pool,
    @Nullable ServerId server,
    InetSocketAddress client,
    ConnectionEnd end,
    int attempts,
    long heldNanos,
    long durationNanos,
    long bytesIn,
    long bytesOut) {}
