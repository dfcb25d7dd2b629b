package dev.understudy.haproxy.translate;

import dev.understudy.haproxy.acl.AclComparison;
import dev.understudy.haproxy.acl.TcpClient;
import dev.understudy.haproxy.syntax.SyntaxException;
import dev.understudy.pool.FirstBytes;
import dev.understudy.pool.FirstBytes.Match;
import java.util.Comparator;
import java.util.HexFormat;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.Set;
import java.util.function.Function;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/**
 * The settings of a TCP listener that tell its clients apart, made of where each kind of clients is
 * led, so that the listener leads all of them there; refused if it cannot.
 */
final class TcpClientTable {
  /** Stands for the backend of clients that no pool serves. */
  static final String CLOSED = "";

  private static final int MOST_NAMES = 1000;
  private static final int MOST_PROTOCOLS = 64;
  private static final HexFormat HEX = HexFormat.of();
  private static final String TLS = HEX.formatHex(FirstBytes.TLS.bytes());

  private final Function<TcpClient, Set<String>> leads;
  private final boolean ended;
  private final Set<String> names = new LinkedHashSet<>();
  private final Set<String> longerNames = new LinkedHashSet<>();
  private final Set<String> prefixes = new LinkedHashSet<>();
  private boolean asksHttp;

  /** What handshakes of TLS begin with. */
  private final List<String> hellos;

  /** The backends by prefix, in the order of the prefixes' lengths. */
  private final Map<String, String> byPrefix = new LinkedHashMap<>();

  /** Backends by server name. */
  final Map<String, String> serverNames = new LinkedHashMap<>();

  /** The backend of all that the others do not lead anywhere; {@link #CLOSED} for none. */
  String pool = CLOSED;

  private @Nullable String http;

  /** Whether HAProxy leads names elsewhere that end as one with {@code *} here. */
  boolean isNarrower;

  /**
   * Makes the table.
   *
   * @param tests all that tell clients apart
   * @param ended whether TLS ends at the listener
   * @param leads the backends that serve such clients, of which one does; {@link #CLOSED} for none
   * @throws SyntaxException if no table leads all clients so; the message says why
   */
  TcpClientTable(List<AclComparison> tests, boolean ended, Function<TcpClient, Set<String>> leads) {
    this.leads = leads;
    this.ended = ended;
    tests.forEach(this::collect);
    prefixes.add(TLS);
    hellos = ended ? List.of(TLS) : prefixes.stream().filter(each -> each.startsWith(TLS)).toList();
    if (ended) {
      pool = unnamed(TLS);
    } else {
      others();
      prefixes.stream().sorted(Comparator.comparingInt(String::length)).forEach(this::prefix);
    }
    names();
    if (serverNames.size() > MOST_NAMES || protocols().size() > MOST_PROTOCOLS) {
      throw new SyntaxException(
          "expected at most " + MOST_NAMES + " server names and " + MOST_PROTOCOLS + " prefixes");
    }
  }

  /** All backends that it leads to. */
  Set<String> backends() {
    Set<String> all = new LinkedHashSet<>(serverNames.values());
    all.addAll(protocols().values());
    all.add(pool);
    all.remove(CLOSED);
    return all;
  }

  /** Backends by protocol or prefix, as a listener names them. */
  Map<String, String> protocols() {
    Map<String, String> protocols = new LinkedHashMap<>();
    byPrefix.forEach((prefix, backend) -> protocols.put(name(prefix), backend));
    if (http != null) {
      protocols.put(FirstBytes.HTTP.name(), http);
    }
    return protocols;
  }

  /** A protocol's own name, unless a shorter prefix would come before that. */
  private String name(String prefix) {
    boolean isAlone =
        byPrefix.keySet().stream()
            .noneMatch(each -> !each.equals(prefix) && prefix.startsWith(each));
    return Stream.of(FirstBytes.TLS, FirstBytes.SSH)
        .filter(each -> isAlone && prefix.equals(HEX.formatHex(each.bytes())))
        .findFirst()
        .orElseGet(() -> FirstBytes.prefix(HEX.parseHex(prefix)))
        .name();
  }

  private void collect(AclComparison test) {
    TcpClient.names(test).stream().filter(TcpClientTable::isName).forEach(names::add);
    for (String end : TcpClient.endings(test)) {
      String domain = end.startsWith(".") ? end.substring(1) : end;
      if (!isName(domain)) {
        throw new SyntaxException(
            "expected whole labels at the end of a name, found '" + end + "'");
      }
      if (!end.startsWith(".")) {
        names.add(domain);
        longerNames.add(TcpClient.ANY + domain);
      }
      names.add("*." + domain);
      longerNames.add(TcpClient.ANY + "." + TcpClient.ANY + "." + domain);
    }
    TcpClient.prefixes(test).ifPresent(prefixes::addAll);
    asksHttp |= TcpClient.isOfHttp(test);
  }

  private static boolean isName(String text) {
    return text.matches("[a-z0-9_]([a-z0-9_.-]{0,251}[a-z0-9_])?");
  }

  private void others() {
    pool = of(new TcpClient(true, "", false, false, null, Optional.of(false)));
    if (!of(plain("", Optional.of(false))).equals(pool)) {
      throw new SyntaxException("clients that stay silent are led elsewhere than others");
    }
    if (asksHttp) {
      String to = of(plain("", Optional.of(true)));
      http = to.equals(pool) ? null : served(to);
    }
  }

  /** Adds a row for clients that begin so, if the shorter prefixes lead them elsewhere. */
  private void prefix(String prefix) {
    boolean tls = prefix.startsWith(TLS);
    String to = tls ? unnamed(prefix) : of(plain(prefix, http(prefix)));
    if (!to.equals(led(prefix))) {
      if (prefix.length() > 2 * FirstBytes.LONGEST_PREFIX) {
        throw new SyntaxException("expected at most " + FirstBytes.LONGEST_PREFIX + " first bytes");
      }
      byPrefix.put(prefix, served(to));
    }
  }

  /** The backend of handshakes with a server name that no line names, and of those without one. */
  private String unnamed(String begin) {
    String to = of(tls(begin, null));
    if (!of(tls(begin, TcpClient.ANY)).equals(to)) {
      throw new SyntaxException(
          "TLS without a server name is led elsewhere than with one that no line names");
    }
    return to;
  }

  /** Where the rows so far lead clients that begin so; null if that depends on more of them. */
  private @Nullable String led(String begin) {
    Optional<String> longest =
        byPrefix.keySet().stream()
            .filter(begin::startsWith)
            .max(Comparator.comparingInt(String::length));
    if (longest.isPresent()) {
      return byPrefix.get(longest.get());
    }
    Optional<Boolean> speaksHttp = http == null ? Optional.of(false) : http(begin);
    return speaksHttp.map(its -> its ? http : pool).orElse(null);
  }

  private void names() {
    Map<String, String> found = new LinkedHashMap<>();
    names.stream()
        .sorted(Comparator.comparing(name -> !name.startsWith("*")))
        .forEach(name -> serverName(name, found));
    names.stream()
        .filter(found::containsKey)
        .forEach(name -> serverNames.put(name, Objects.requireNonNull(found.get(name))));
    for (String name : longerNames) {
      isNarrower |= !isLed(name, found);
    }
  }

  private void serverName(String name, Map<String, String> found) {
    String asked = name.startsWith("*") ? TcpClient.ANY + name.substring(1) : name;
    if (isLed(asked, found)) {
      return;
    }
    Set<String> all = new LinkedHashSet<>();
    hellos.forEach(begin -> all.add(of(tls(begin, asked))));
    if (all.size() > 1) {
      throw new SyntaxException("clients of one server name are led by what else they send");
    }
    found.put(name, served(all.iterator().next()));
  }

  /** Whether clients of that name are led as they should without a row of its own. */
  private boolean isLed(String name, Map<String, String> found) {
    int dot = name.indexOf('.');
    String wild = dot < 0 ? null : found.get("*" + name.substring(dot));
    return hellos.stream()
        .allMatch(
            begin -> of(tls(begin, name)).equals(wild != null ? wild : ended ? pool : led(begin)));
  }

  private TcpClient tls(String begin, @Nullable String name) {
    return new TcpClient(false, begin, true, ended, name, Optional.of(false));
  }

  private static TcpClient plain(String begin, Optional<Boolean> http) {
    return new TcpClient(false, begin, false, false, null, http);
  }

  /** Whether a stream that begins so is HTTP; absent if more bytes are needed to tell. */
  private static Optional<Boolean> http(String begin) {
    byte[] bytes = HEX.parseHex(begin);
    Match match = FirstBytes.HTTP.match(bytes, bytes.length);
    return match == Match.MORE ? Optional.empty() : Optional.of(match == Match.YES);
  }

  private String of(TcpClient client) {
    Set<String> backends = leads.apply(client);
    if (backends.size() != 1) {
      throw new SyntaxException("it depends on more than these");
    }
    return backends.iterator().next();
  }

  private static String served(String backend) {
    if (backend.equals(CLOSED)) {
      throw new SyntaxException("a listener refuses only those clients that no row leads");
    }
    return backend;
  }
}
