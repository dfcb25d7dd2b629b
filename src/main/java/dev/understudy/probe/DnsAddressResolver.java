package dev.understudy.probe;

import io.netty.handler.codec.dns.DefaultDnsQuestion;
import io.netty.handler.codec.dns.DnsRecordType;
import io.netty.resolver.dns.DnsNameResolver;
import io.netty.resolver.dns.DnsNameResolverBuilder;
import io.netty.resolver.dns.DnsNameResolverChannelStrategy;
import io.netty.resolver.dns.SequentialDnsServerAddressStreamProvider;
import io.netty.util.concurrent.Future;
import io.netty.util.concurrent.FutureListener;
import java.io.File;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.function.Consumer;
import java.util.function.Function;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/**
 * Resolver that queries the system's name servers itself, to learn the TTL of each response; the
 * JDK's would hide it, block, and keep names for 30 s.
 *
 * <p>Like the system, it reads {@code /etc/hosts} first, follows the search domains, {@code ndots},
 * timeout and attempts of {@code /etc/resolv.conf}, takes IP literals as they are, and prefers IPv4
 * unless {@code java.net.preferIPv6Addresses} says otherwise. It does not wait for addresses of the
 * other family once it has a preferred one: some name servers never respond to queries for IPv6.
 * Queries run on one event loop thread of its own. Safe for any thread.
 */
public final class DnsAddressResolver implements AddressResolver, AutoCloseable {
  /** Longest time for which a response is cached, whatever its TTL. */
  static final int MAX_AGE_SECONDS = 5;

  private final ProbeEventLoop io = new ProbeEventLoop("understudy-dns");
  private final HostsFile hosts;

  /** The name servers; empty for the system's. Used on the resolver's own thread. */
  private List<InetSocketAddress> asked;

  /** Used on the resolver's own thread; null before its first use, and after a change. */
  private @Nullable DnsNameResolver resolver;

  /** Resolutions without a result. Used on the resolver's own thread. */
  private final Set<Future<?>> open = new HashSet<>();

  /** Creates a resolver that queries the system's name servers. */
  public DnsAddressResolver() {
    this(null, null);
  }

  /**
   * Creates a resolver for other name servers or another hosts file.
   *
   * @param nameServer null for the system's
   * @param hosts null for the system's
   */
  DnsAddressResolver(@Nullable InetSocketAddress nameServer, @Nullable File hosts) {
    this.hosts = new HostsFile(hosts);
    this.asked = nameServer == null ? List.of() : List.of(nameServer);
    // Created beside the rest of a start.
    io.loop().execute(this::resolver);
  }

  private DnsNameResolver resolver() {
    if (resolver == null) {
      resolver = create();
    }
    return resolver;
  }

  private DnsNameResolver create() {
    DnsNameResolverBuilder builder =
        new DnsNameResolverBuilder(io.loop())
            .datagramChannelType(io.datagramType())
            // For responses that do not fit into a datagram (RFC 7766).
            .socketChannelType(io.socketType())
            // A port of its own for each resolution: who would forge a response has to guess it,
            // too.
            .datagramChannelStrategy(DnsNameResolverChannelStrategy.ChannelPerResolution)
            .ttl(0, MAX_AGE_SECONDS)
            .negativeTtl(0)
            .completeOncePreferredResolved(true)
            .hostsFileEntriesResolver(hosts);
    if (!asked.isEmpty()) {
      builder.nameServerProvider(new SequentialDnsServerAddressStreamProvider(asked));
    }
    return builder.build();
  }

  /**
   * Asks these name servers from now on, in this order, also for what the others have not answered
   * yet.
   *
   * @param servers as {@code ADDRESS:PORT}, an IPv6 address in brackets; empty for the system's
   */
  public void nameServersAt(List<String> servers) {
    List<InetSocketAddress> next = servers.stream().map(DnsAddressResolver::nameServer).toList();
    io.execute(
        () -> {
          if (next.equals(asked)) {
            return;
          }
          asked = next;
          if (resolver != null) {
            resolver.close();
            resolver = null;
          }
          // Each is asked again as it ends.
          List.copyOf(open).forEach(each -> each.cancel(false));
        });
  }

  /** Resolves as {@link AddressResolver#resolve}; ignored after {@link #close}. */
  @Override
  public Runnable resolve(String host, Consumer<List<InetAddress>> done) {
    return ask(
        () -> {
          // Before Netty, which makes each name one in ASCII, and for that reads tables first.
          InetAddress listed = hosts.address(host, resolver().resolvedAddressTypes());
          return listed == null
              ? resolver().resolveAll(host)
              : io.loop().newSucceededFuture(List.of(listed));
        },
        List::copyOf,
        done);
  }

  /** Asks as {@link AddressResolver#services}; ignored after {@link #close}. */
  @Override
  public Runnable services(String name, Consumer<List<ServiceRecord>> done) {
    return ask(
        () -> resolver().resolveAll(new DefaultDnsQuestion(name, DnsRecordType.SRV)),
        ServiceRecord::take,
        done);
  }

  private <R, T> Runnable ask(
      Supplier<Future<List<R>>> query, Function<List<R>, List<T>> read, Consumer<List<T>> done) {
    Question<R, T> question = new Question<>(query, read, done);
    io.execute(question::ask);
    return () -> io.execute(question::withdraw);
  }

  /** One question, until its end. Used on the resolver's own thread. */
  private final class Question<R, T> {
    private final Supplier<Future<List<R>>> query;
    private final Function<List<R>, List<T>> read;
    private final Consumer<List<T>> done;
    private @Nullable Future<List<R>> resolution;
    private boolean withdrawn;

    Question(
        Supplier<Future<List<R>>> query, Function<List<R>, List<T>> read, Consumer<List<T>> done) {
      this.query = query;
      this.read = read;
      this.done = done;
    }

    void ask() {
      if (withdrawn) {
        return;
      }
      Future<List<R>> asked;
      try {
        asked = query.get();
      } catch (RuntimeException e) {
        // Not a DNS name.
        done.accept(List.of());
        return;
      }
      resolution = asked;
      open.add(asked);
      asked.addListener((FutureListener<List<R>>) this::ended);
    }

    private void ended(Future<List<R>> result) {
      open.remove(result);
      if (result.isCancelled()) {
        // By other name servers, if not withdrawn.
        ask();
      } else if (!withdrawn) {
        done.accept(result.isSuccess() ? read.apply(result.getNow()) : List.of());
      }
    }

    void withdraw() {
      withdrawn = true;
      if (resolution != null) {
        resolution.cancel(false);
      }
    }
  }

  private static InetSocketAddress nameServer(String text) {
    int colon = text.lastIndexOf(':');
    // A literal, which is not looked up.
    return new InetSocketAddress(
        text.substring(0, colon), Integer.parseInt(text.substring(colon + 1)));
  }

  /** Ends the thread and its sockets. Resolutions in flight may never complete. */
  @Override
  public void close() {
    io.close();
  }
}
