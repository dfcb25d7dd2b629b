package dev.understudy.pool;

import dev.understudy.pool.Setting.Default;
import dev.understudy.pool.Setting.Entries;
import dev.understudy.pool.Setting.Span;
import java.time.Duration;
import java.util.List;

/**
 * How names are resolved.
 *
 * @param servers Addresses of the name servers for all servers' names, such as {@code 10.0.0.10:53}
 *     or {@code [fd00::53]:53}, asked in this order. Without any, the system's name servers and
 *     search domains are used.
 * @param hold Time for which a server stays after its record has gone. Some name servers return
 *     only a part of the records at a time.
 */
public record DnsSettings(
    @Default @Entries(max = 8) List<String> servers,
    @Default("10s") @Span(min = "0s", max = "1h") Duration hold) {
  public static final DnsSettings DEFAULT = SectionType.defaults(DnsSettings.class);

  public DnsSettings {
    servers = List.copyOf(servers);
    RangeChecks.requireNotNegative(hold, "hold");
  }
}
