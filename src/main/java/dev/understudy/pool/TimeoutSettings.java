package dev.understudy.pool;

import java.time.Duration;

/**
 * Time-outs towards servers.
 *
 * @param connect for a new connection, TLS negotiation included; default 1 s
 * @param response from the request's last byte to the first byte of the response; default 60 s
 * @param idle between bytes of a response or of a request's body; default 60 s
 * @param tunnel without a byte in either direction, for WebSockets; default 1 h
 */
public record TimeoutSettings(Duration connect, Duration response, Duration idle, Duration tunnel) {
  public static final TimeoutSettings DEFAULT =
      new TimeoutSettings(
          Duration.ofSeconds(1),
          Duration.ofSeconds(60),
          Duration.ofSeconds(60),
          Duration.ofHours(1));

  public TimeoutSettings {
    Settings.requirePositive(connect, "connect");
    Settings.requirePositive(response, "response");
    Settings.requirePositive(idle, "idle");
    Settings.requirePositive(tunnel, "tunnel");
  }
}
