package dev.understudy.traffic;

import dev.understudy.pool.PoolId;
import dev.understudy.pool.ServerId;
import dev.understudy.proxy.http.ClientConnection;
import org.jspecify.annotations.Nullable;

/**
 * How one request ended: what metrics and the access log are made of.
 *
 * @param route null: no route matched
 * @param server the last one that it was sent to; null: it was sent to none
 * @param host what the client's {@code Host} says; empty: it has none
 * @param target as the client sent it, whatever a route made of it
 * @param status sent to the client; 0: none
 * @param attempts sends to servers in all
 * @param heldNanos spent waiting for a server that can serve
 * @param durationNanos from the request's head to the end
 * @param bytesIn of the request's body, or from the client of a tunnel
 * @param bytesOut of the answer's body, or to the client of a tunnel
 */
public record Outcome(
    @Nullable MatchedRoute route,
    @Nullable PoolId pool,
    @Nullable ServerId server,
    ClientConnection client,
    String requestId,
    String method,
    String host,
    String target,
    int status,
    EndReason end,
    int attempts,
    long heldNanos,
    long durationNanos,
    long bytesIn,
    long bytesOut) {}
