package dev.understudy.pool;

import dev.understudy.pool.Setting.Default;
import dev.understudy.pool.Setting.OfRequests;
import dev.understudy.pool.Setting.Span;
import java.time.Duration;

/**
 * Time-outs towards servers.
 *
 * @param connect For a new connection, TLS handshake included.
 * @param response From the request's last byte to the end of the response's head; then 504.
 * @param idle Between bytes of a response or of a request's body.
 * @param tunnel Time without a byte in either direction after which a WebSocket, another tunnel or
 *     a relayed TCP connection is closed. It holds for half-open connections too.
 * @param keepAlive Time after which an idle HTTP/1 connection to a server is closed (HAProxy {@code
 *     pool-purge-delay}). Keep it shorter than the servers' own time: otherwise a server may close
 *     a connection just when a request is sent. {@code 0}: over HTTP/1 each request has a
 *     connection of its own.
 */
public record TimeoutSettings(
    @Default("1s") @Span Duration connect,
    @Default("60s") @Span @OfRequests Duration response,
    @Default("60s") @Span @OfRequests Duration idle,
    @Default("1h") @Span Duration tunnel,
    @Default("4s") @Span(min = "0s", max = "1h") @OfRequests Duration keepAlive) {
  public static final TimeoutSettings DEFAULT = SectionType.defaults(TimeoutSettings.class);

  public TimeoutSettings {
    RangeChecks.requirePositive(connect, "connect");
    RangeChecks.requirePositive(response, "response");
    RangeChecks.requirePositive(idle, "idle");
    RangeChecks.requirePositive(tunnel, "tunnel");
    RangeChecks.requireNotNegative(keepAlive, "keep-alive");
  }
}
