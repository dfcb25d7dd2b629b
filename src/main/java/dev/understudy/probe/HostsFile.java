package dev.understudy.probe;

import io.netty.resolver.HostsFileEntriesProvider;
import io.netty.resolver.HostsFileEntriesResolver;
import io.netty.resolver.ResolvedAddressTypes;
import io.netty.util.NetUtil;
import java.io.File;
import java.net.InetAddress;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;

/**
 * The system's hosts file, at most 5 s old: Netty's own is read only once, but moving a name there
 * is an operator's oldest way to move a server.
 *
 * <p>{@code localhost} and all names below it are the loopback address even if the file does not
 * say so (RFC 6761 §6.3), as in images without {@code /etc}. Used on one event loop.
 */
final class HostsFile implements HostsFileEntriesResolver {
  private static final long MAX_AGE_NANOS =
      TimeUnit.SECONDS.toNanos(DnsAddressResolver.MAX_AGE_SECONDS);

  private final @Nullable File file;
  private HostsFileEntriesProvider entries;
  private long readNanos = System.nanoTime();

  /**
   * Reads the file for the first time.
   *
   * @param file null for the system's
   */
  HostsFile(@Nullable File file) {
    this.file = file;
    this.entries = read();
  }

  private HostsFileEntriesProvider read() {
    HostsFileEntriesProvider.Parser parser = HostsFileEntriesProvider.parser();
    return file == null ? parser.parseSilently() : parser.parseSilently(file);
  }

  @Override
  public @Nullable InetAddress address(String host, ResolvedAddressTypes types) {
    if (System.nanoTime() - readNanos > MAX_AGE_NANOS) {
      entries = read();
      readNanos = System.nanoTime();
    }
    String name = normalised(host);
    InetAddress v4 = first(entries.ipv4Entries(), name);
    InetAddress v6 = first(entries.ipv6Entries(), name);
    InetAddress found =
        switch (types) {
          case IPV4_ONLY -> v4;
          case IPV6_ONLY -> v6;
          case IPV4_PREFERRED -> v4 == null ? v6 : v4;
          case IPV6_PREFERRED -> v6 == null ? v4 : v6;
        };
    return found == null && isLocalhost(name) ? loopback(types) : found;
  }

  private static String normalised(String host) {
    String name = host.endsWith(".") ? host.substring(0, host.length() - 1) : host;
    return name.toLowerCase(Locale.ROOT);
  }

  private static @Nullable InetAddress first(Map<String, List<InetAddress>> table, String name) {
    List<InetAddress> found = table.get(name);
    return found == null || found.isEmpty() ? null : found.get(0);
  }

  private static boolean isLocalhost(String name) {
    return name.equals("localhost") || name.endsWith(".localhost");
  }

  private static InetAddress loopback(ResolvedAddressTypes types) {
    return switch (types) {
      case IPV4_ONLY, IPV4_PREFERRED -> NetUtil.LOCALHOST4;
      case IPV6_ONLY, IPV6_PREFERRED -> NetUtil.LOCALHOST6;
    };
  }
}
