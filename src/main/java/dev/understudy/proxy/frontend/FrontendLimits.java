package dev.understudy.proxy.frontend;

import dev.understudy.proxy.http.RequestParts;
import java.time.Duration;
import java.util.OptionalInt;
import java.util.OptionalLong;

/**
 * Limits on client connections and requests, from {@code understudy.client.*}. The size of a
 * request's header fields is limited by the codec.
 *
 * @param headerTimeout from the first byte of a request to the end of its head; for a new
 *     connection from its acceptance, TLS negotiation included (HAProxy {@code timeout
 *     http-request})
 * @param keepAlive from a response to the first byte of the next request (HAProxy {@code timeout
 *     http-keep-alive})
 * @param idle the longest wait for the client to send more of a body or to read more of a response
 *     (HAProxy {@code timeout client})
 * @param maxConnections client connections in total (HAProxy {@code maxconn})
 * @param maxConnectionsPerAddress connections of one client address; empty for no limit
 * @param maxHeaders fields in a request's head (HAProxy {@code tune.http.maxhdr})
 * @param maxRequestLine bytes of method, target and version with two spaces; for HTTP/2 the line
 *     that they would form
 * @param parts parts of a request of which the Gateway lane makes objects
 * @param maxRequestsPerConnection requests after which a connection is closed; empty for no limit
 * @param maxBody bytes of a request's body; empty for no limit
 * @param memory bytes that may wait for clients or their servers, see {@link ClientMemoryBudget}
 * @param refuseAmbiguousPaths whether a request with an {@link AmbiguousPath} is refused with 400
 */
public record FrontendLimits(
    Duration headerTimeout,
    Duration keepAlive,
    Duration idle,
    int maxConnections,
    OptionalInt maxConnectionsPerAddress,
    int maxHeaders,
    int maxRequestLine,
    RequestParts.Limits parts,
    OptionalInt maxRequestsPerConnection,
    OptionalLong maxBody,
    long memory,
    boolean refuseAmbiguousPaths) {}
