package dev.understudy.monitor;

import dev.understudy.agreement.Loop;
import dev.understudy.probe.AddressResolver;
import io.netty.util.NetUtil;
import java.net.InetAddress;
import java.net.UnknownHostException;
import java.time.Duration;
import java.util.List;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The address of one host, resolved again every {@link #REFRESH}. The last good result is kept when
 * name servers fail; an address that is still among the results is kept, whatever their order.
 */
final class Resolution {
  /** Time between a result and the next query; the resolver caches for as long as the TTL says. */
  static final Duration REFRESH = Duration.ofSeconds(1);

  /** Time-out of a query, which then counts as failed and is repeated. */
  static final Duration TIMEOUT = Duration.ofSeconds(5);

  private static final Logger log = LoggerFactory.getLogger(Resolution.class);

  private final String host;
  private final AddressResolver resolver;
  private final Scheduler scheduler;
  private final Listener listener;
  private @Nullable InetAddress current;
  private boolean stopped;
  private long questions;
  private Loop.Timer timer = () -> {};

  /** Callbacks on the monitor's thread. */
  interface Listener {
    /** The first address, or a different one than before. */
    void resolved(InetAddress address);

    /** A query failed, and there has been no address yet. */
    void unresolved();
  }

  Resolution(String host, AddressResolver resolver, Scheduler scheduler, Listener listener) {
    this.host = host;
    this.resolver = resolver;
    this.scheduler = scheduler;
    this.listener = listener;
  }

  /** The address; null if there has been none yet. */
  @Nullable InetAddress current() {
    return current;
  }

  /** Starts resolving; an IP literal is resolved before this returns, and never queried. */
  void start() {
    byte[] literal = NetUtil.createByteArrayFromIpAddressString(host);
    if (literal == null) {
      ask();
      return;
    }
    try {
      take(InetAddress.getByAddress(host, literal));
    } catch (UnknownHostException e) {
      throw new IllegalStateException("an IP literal has 4 or 16 bytes", e);
    }
  }

  void stop() {
    stopped = true;
    timer.cancel();
  }

  private void ask() {
    long question = ++questions;
    timer = scheduler.schedule(TIMEOUT, () -> resolved(question, List.of()));
    try {
      resolver.resolve(host, found -> scheduler.execute(() -> resolved(question, found)));
    } catch (RuntimeException e) {
      log.error("{} could not be resolved", host, e);
      scheduler.execute(() -> resolved(question, List.of()));
    }
  }

  private void resolved(long question, List<InetAddress> found) {
    if (stopped || question != questions) {
      return;
    }
    questions++;
    timer.cancel();
    timer = scheduler.schedule(REFRESH, this::ask);
    if (found.isEmpty()) {
      if (current == null) {
        listener.unresolved();
      }
    } else if (current == null || !found.contains(current)) {
      take(found.getFirst());
    }
  }

  private void take(InetAddress address) {
    current = address;
    listener.resolved(address);
  }
}
