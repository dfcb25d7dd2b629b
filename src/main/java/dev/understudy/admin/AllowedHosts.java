package dev.understudy.admin;

import io.netty.util.NetUtil;
import java.net.InetAddress;
import java.net.UnknownHostException;
import java.time.Duration;
import java.util.HashSet;
import java.util.List;
import java.util.Locale;
import java.util.Set;
import java.util.function.Supplier;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;
import reactor.core.publisher.Mono;
import reactor.core.scheduler.Schedulers;

/**
 * The hosts by which clients may address the management port: {@code localhost} and names below it,
 * the machine's own names, those of the setting {@value #SETTING}, and every address.
 *
 * <p>Another name may be one whose owner points it at this port, so that a page of his reads it as
 * its own origin (DNS rebinding). An address needs no list, as no DNS answer changes where it
 * leads.
 */
final class AllowedHosts {
  static final String SETTING = "understudy.admin.hosts";

  /** How long the machine's names are kept. */
  private static final Duration KEPT = Duration.ofMinutes(1);

  private static final Pattern NAME =
      Pattern.compile("(\\*\\.)?[a-z0-9_-]+(\\.[a-z0-9_-]+)*", Pattern.CASE_INSENSITIVE);
  private static final String EVERY = "*";
  private static final String WILDCARD = "*.";

  private final Set<String> names = new HashSet<>(Set.of("localhost"));
  private final Set<String> domains = new HashSet<>(Set.of("localhost"));
  private final boolean every;
  private final Mono<Set<String>> machine;

  /**
   * @param configured names such as {@code admin.example.com} and {@code *.example.com}, or {@code
   *     *} for every host
   * @param machine returns the machine's names in lower case; may block
   * @throws IllegalStateException if one of the names is none
   */
  AllowedHosts(List<String> configured, Supplier<Set<String>> machine) {
    for (String name : configured) {
      if (!name.equals(EVERY) && !NAME.matcher(name).matches()) {
        throw new IllegalStateException(
            "%s: expected a name without scheme and port, such as admin.example.com or *.example.com, or * for every host, found \"%s\""
                .formatted(SETTING, name));
      }
      String lower = name.toLowerCase(Locale.ROOT);
      boolean below = lower.startsWith(WILDCARD);
      (below ? domains : names).add(below ? lower.substring(WILDCARD.length()) : lower);
    }
    this.every = names.contains(EVERY);
    this.machine = Mono.fromSupplier(machine).subscribeOn(Schedulers.boundedElastic()).cache(KEPT);
  }

  /**
   * The names of this machine, in lower case: its host name, and with its domain if a name server
   * says that.
   *
   * @param hostname the name from the environment; null if there is none
   */
  static Set<String> ofMachine(@Nullable String hostname) {
    Set<String> names = new HashSet<>();
    if (hostname != null) {
      names.add(hostname.toLowerCase(Locale.ROOT));
    }
    try {
      InetAddress local = InetAddress.getLocalHost();
      names.add(local.getHostName().toLowerCase(Locale.ROOT));
      names.add(local.getCanonicalHostName().toLowerCase(Locale.ROOT));
    } catch (UnknownHostException e) {
      // The host name has no address; the name from the environment is then the only one.
    }
    return names;
  }

  /**
   * Whether clients may address this port by that.
   *
   * @param authority the value of {@code Host}: a name or an address, and a port
   */
  Mono<Boolean> allow(String authority) {
    String host = host(authority);
    if (every || isAddress(host) || names.contains(host) || isBelow(host)) {
      return Mono.just(true);
    }
    return machine.map(own -> own.contains(host));
  }

  /** The host without port and final dot (RFC 3986 §3.2.2), in lower case. */
  private static String host(String authority) {
    int end = authority.length();
    while (end > 0 && Character.isDigit(authority.charAt(end - 1))) {
      end--;
    }
    boolean port = end > 0 && authority.charAt(end - 1) == ':';
    String host = port ? authority.substring(0, end - 1) : authority;
    return (host.endsWith(".") ? host.substring(0, host.length() - 1) : host)
        .toLowerCase(Locale.ROOT);
  }

  private static boolean isAddress(String host) {
    boolean bracketed = host.startsWith("[") && host.endsWith("]");
    return bracketed
        ? NetUtil.isValidIpV6Address(host.substring(1, host.length() - 1))
        : NetUtil.isValidIpV4Address(host);
  }

  private boolean isBelow(String host) {
    for (int dot = host.indexOf('.', 1); dot > 0; dot = host.indexOf('.', dot + 1)) {
      if (domains.contains(host.substring(dot + 1))) {
        return true;
      }
    }
    return false;
  }
}
