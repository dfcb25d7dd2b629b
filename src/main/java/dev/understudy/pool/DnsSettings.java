package dev.understudy.pool;

import java.time.Duration;
import java.util.List;

/**
 * How names are resolved.
 *
 * @param servers name servers as {@code ADDRESS:PORT}, an IPv6 address in brackets; empty for the
 *     system's
 * @param hold time for which a server of a {@link ServerTemplate} stays after its record has gone;
 *     default 10 s, as name servers may give a part of the records at a time
 */
public record DnsSettings(List<String> servers, Duration hold) {
  public static final DnsSettings DEFAULT = new DnsSettings(List.of(), Duration.ofSeconds(10));

  public DnsSettings {
    servers = List.copyOf(servers);
    Settings.requireNotNegative(hold, "hold");
  }
}
