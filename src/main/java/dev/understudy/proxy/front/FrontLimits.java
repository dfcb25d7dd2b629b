package dev.understudy.proxy.front;

import java.time.Duration;
import java.util.OptionalInt;
import java.util.OptionalLong;

/**
 * What a client may cost us; {@code understudy.client.*}. The size of headers is the codec's.
 *
 * @param headerTimeout from the first byte of a request (of a new connection: from when it was
 *     taken, TLS included) to the end of its head (HAProxy {@code timeout http-request})
 * @param keepAlive from a response to the first byte of the next request (HAProxy {@code timeout
 *     http-keep-alive})
 * @param idle for a client to send more of a body, or to read more of a response (HAProxy {@code
 *     timeout client})
 * @param maxConnections in all (HAProxy {@code maxconn})
 * @param maxConnectionsPerAddress empty: no limit
 * @param maxHeaders fields in a request's head (HAProxy {@code tune.http.maxhdr})
 * @param maxRequestLine bytes of method, target and version; over HTTP/2, which has no such line,
 *     as if they stood in one
 * @param maxRequestsPerConnection after which it is closed; empty: no limit
 * @param maxBody bytes of a request's body; empty: no limit
 * @param refuseAmbiguousPaths whether an {@link AmbiguousPath} is answered with 400
 */
public record FrontLimits(
    Duration headerTimeout,
    Duration keepAlive,
    Duration idle,
    int maxConnections,
    OptionalInt maxConnectionsPerAddress,
    int maxHeaders,
    int maxRequestLine,
    OptionalInt maxRequestsPerConnection,
    OptionalLong maxBody,
    boolean refuseAmbiguousPaths) {

  /** What is in force where nothing is set. */
  public static final FrontLimits DEFAULT =
      new FrontLimits(
          Duration.ofSeconds(10),
          Duration.ofSeconds(30),
          Duration.ofSeconds(60),
          20_000,
          OptionalInt.empty(),
          100,
          8 << 10,
          OptionalInt.empty(),
          OptionalLong.empty(),
          false);
}
