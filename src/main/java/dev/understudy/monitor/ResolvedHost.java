package dev.understudy.monitor;

import dev.understudy.probe.AddressResolver;
import io.netty.util.NetUtil;
import java.net.InetAddress;
import java.net.UnknownHostException;
import java.time.Duration;
import java.util.List;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/**
 * The address of one host, resolved again every {@link #REFRESH}. The last good result is kept when
 * name servers fail; an address that is still among the results is kept, whatever their order.
 */
final class ResolvedHost {
  /** Time between a result and the next query; the resolver caches for as long as the TTL says. */
  static final Duration REFRESH = Duration.ofSeconds(1);

  private final String host;
  private final RepeatedQuery<InetAddress> query;
  private final Consumer<@Nullable InetAddress> found;
  private @Nullable InetAddress current;

  /**
   * Creates one that resolves nothing before {@link #start}.
   *
   * @param found called on the monitor's thread with the first address, and with each different
   *     one; with null when a query failed and there has been no address yet
   */
  ResolvedHost(
      String host,
      AddressResolver resolver,
      Scheduler scheduler,
      Consumer<@Nullable InetAddress> found) {
    this.host = host;
    this.query = new RepeatedQuery<>(host, resolver::resolve, scheduler, REFRESH, this::resolved);
    this.found = found;
  }

  /** The address; null if there has been none yet. */
  @Nullable InetAddress current() {
    return current;
  }

  /** Starts resolving; an IP literal is resolved before this returns, and never queried. */
  void start() {
    byte[] literal = NetUtil.createByteArrayFromIpAddressString(host);
    if (literal == null) {
      query.ask();
      return;
    }
    try {
      take(InetAddress.getByAddress(host, literal));
    } catch (UnknownHostException e) {
      throw new IllegalStateException("an IP literal has 4 or 16 bytes", e);
    }
  }

  void stop() {
    query.stop();
  }

  private void resolved(List<InetAddress> addresses) {
    if (!addresses.isEmpty() && (current == null || !addresses.contains(current))) {
      take(addresses.getFirst());
    } else if (current == null) {
      found.accept(null);
    }
  }

  private void take(InetAddress address) {
    current = address;
    found.accept(address);
  }
}
