package dev.understudy.haproxy.translate;

import dev.understudy.condition.FileValues;
import dev.understudy.haproxy.acl.TranslatedCondition;
import dev.understudy.haproxy.syntax.HaproxyVersion;
import dev.understudy.haproxy.syntax.Statement;
import dev.understudy.haproxy.yaml.YamlNode.YamlList;
import dev.understudy.haproxy.yaml.YamlNode.YamlMap;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/** The listeners of one frontend: one for each address and port of its {@code bind} lines. */
final class FrontendListeners extends SectionTranslation {
  /** Parameters without which a listener would let in more than HAProxy does. */
  private static final List<String> GUARDS =
      List.of("interface", "ca-verify-file", "accept-netscaler-cip", "tcp-md5sig");

  /** From here on HTTP/2 is offered where no line says what is. */
  private static final HaproxyVersion OFFERS_HTTP2 = new HaproxyVersion(2, 8);

  private static final Pattern ADDRESS = Pattern.compile("[0-9.]*|[0-9A-Fa-f:.]*:[0-9A-Fa-f:.]*");

  /** The list of revoked certificates in a row of a {@code crt-list}. */
  private static final Pattern ROW_CRL = Pattern.compile("\\[[^\\]]*?\\bcrl-file\\s+([^\\s\\]]+)");

  /** A row that has options, and not that one alone. */
  private static final Pattern ROW_OPTIONS =
      Pattern.compile("[^\\[]*\\[(?!\\s*crl-file\\s+[^\\s\\]]+\\s*\\]).*");

  /** A listener to be. */
  record Planned(String name, BindLine.Endpoint endpoint, BindLine line, Statement statement) {}

  final List<Planned> planned = new ArrayList<>();

  /** Whether a line names an address to listen on, even if it is left out. */
  final boolean areWritten;

  private boolean expectsProxyHeader;

  FrontendListeners(ProxySection proxy) {
    super(proxy);
    areWritten = proxy.has("bind") || proxy.header().word(2).contains(":");
    List<Statement> lines = proxy.takeAll("bind");
    lines.forEach(each -> add(BindLine.of(each.from(1)), each));
    if (lines.isEmpty() && areWritten) {
      // An address after the section's name, as in old configurations.
      add(BindLine.of(List.of(proxy.header().word(2))), proxy.header());
    }
    if (!planned.isEmpty() && readsProxyHeaderOfSome()) {
      context.listenerCount -= planned.size();
      planned.clear();
    }
  }

  /**
   * Whether a PROXY header is read of some clients only. A listener reads one of all or of none,
   * and whoever may send one may claim any address.
   */
  private boolean readsProxyHeaderOfSome() {
    List<Statement> expected = proxy.lines("tcp-request", "connection", "expect-proxy").toList();
    FrontendTermContext terms = new FrontendTermContext(proxy, ports());
    for (Statement statement : expected) {
      RuleLine rule = RuleLine.of(statement, 2);
      TranslatedCondition condition = new RuleConditions(proxy, terms).condition(rule).plain();
      if (condition.isAlways()) {
        expectsProxyHeader = true;
        return false;
      }
      if (!condition.isNever()) {
        ledger.guardUnsupported(
            statement,
            "the listener is left out: it would accept a PROXY header, and so any address, from"
                + " every client; give proxies and other clients separate ports");
        nothingListens("reads a PROXY header from some clients only", Set.of(statement), ".");
        return true;
      }
    }
    return false;
  }

  private void add(BindLine line, Statement statement) {
    if (!line.wrong().isEmpty()) {
      ledger.problem(statement, line.wrong());
      return;
    }
    List<String> guards = new ArrayList<>(GUARDS.stream().filter(line::has).toList());
    if (line.values("crt-list").stream().anyMatch(this::verifiesClients)) {
      guards.add("'verify' of a crt-list");
    }
    if (revocations(line).size() > 1) {
      guards.add("each 'crl-file' of its certificates");
    }
    if (!guards.isEmpty()) {
      ledger.guardUnsupported(
          statement,
          "left out, as it would let in more clients without "
              + String.join(" and ", guards)
              + ". Nothing listens there; see the page from-haproxy.md for what to do instead");
      return;
    }
    for (BindLine.Endpoint endpoint : line.addresses()) {
      if (!add(endpoint, line, statement)) {
        break;
      }
    }
    if (line.isCut()) {
      ledger.unsupported(
          statement, "of a range only the first " + BindLine.MOST + " ports have a listener");
    }
    if (planned.stream().anyMatch(each -> each.statement().line() == statement.line())) {
      ledger.parameters(statement, "bind", line.parameters().keySet());
    }
  }

  /** Adds a listener unless something is in its way; whether there may be others. */
  private boolean add(BindLine.Endpoint endpoint, BindLine line, Statement statement) {
    // As * and :: are one.
    Optional<Planned> before =
        planned.stream().filter(each -> each.endpoint().equals(endpoint)).findFirst();
    @Nullable Integer other = context.endpoints.get(endpoint);
    if (before.isPresent()) {
      String listens =
          "line " + before.get().statement().line() + " listens there already, on IPv4 and IPv6";
      if (line.isLike(before.get().line())) {
        ledger.notNeeded(statement, listens);
      } else {
        ledger.guardApproximated(statement, listens + "; the parameters of that line are used");
      }
    } else if (other != null) {
      ledger.unsupported(statement, "left out: line " + other + " listens there, too");
    } else if (context.listenerCount == BindLine.MOST) {
      ledger.unsupported(statement, "expected at most " + BindLine.MOST + " listeners in all");
      return false;
    } else if (!ADDRESS.matcher(endpoint.host()).matches()) {
      ledger.guardUnsupported(
          statement,
          "left out, as it would listen on all addresses: '%s' is no IP address; write one there"
                  .formatted(endpoint.host())
              + " and import again");
    } else if (endpoint.other().isEmpty()) {
      context.listenerCount++;
      context.endpoints.put(endpoint, statement.line());
      String own = line.value("name").isEmpty() ? proxy.name() : line.value("name");
      planned.add(new Planned(context.listeners.fresh(own), endpoint, line, statement));
      ledger.exact(statement, "");
    } else {
      context.leavesQuicOut |= endpoint.other().startsWith("quic");
      ledger.unsupported(
          statement, "left out: '" + endpoint.other() + "' is not an IP address with a port");
    }
    return true;
  }

  /** Whether a list asks clients of some names for certificates; a listener asks all or none. */
  private boolean verifiesClients(String list) {
    return rows(list).anyMatch(row -> row.matches(".*\\[.*\\bverify\\s+(required|optional)\\b.*"));
  }

  /** The lists of revoked client certificates of a line's certificates; an empty name for none. */
  private Set<String> revocations(BindLine line) {
    Set<String> files = new LinkedHashSet<>();
    String own = line.value("crl-file");
    if (isVerifying(line)) {
      line.values("crt").forEach(certificate -> files.add(own));
      for (String list : line.values("crt-list")) {
        rows(list).map(ROW_CRL::matcher).forEach(row -> files.add(row.find() ? row.group(1) : own));
      }
    }
    return files.isEmpty() ? Set.of(own) : files;
  }

  private static boolean isVerifying(BindLine line) {
    return List.of("required", "optional").contains(line.value("verify"));
  }

  /** The lines of a {@code crt-list}; none if it cannot be read. */
  private Stream<String> rows(String list) {
    return context.files.apply(list).stream().flatMap(text -> FileValues.in(text).stream());
  }

  /** Puts at the head of the file that, and why, the frontend has no listener. */
  void nothingListens(String what, Set<Statement> lines, String end) {
    String numbers =
        lines.stream().map(each -> Integer.toString(each.line())).collect(Collectors.joining(", "));
    context.remarks.add(
        "Nothing listens for '%s', because it %s (line %s)%s"
            .formatted(proxy.name(), what, numbers, end));
  }

  /** Ports by names. */
  Map<String, Integer> ports() {
    Map<String, Integer> ports = new LinkedHashMap<>();
    planned.forEach(each -> ports.put(each.name(), each.endpoint().port()));
    return ports;
  }

  /**
   * Adds the listeners.
   *
   * @param relay what a TCP listener leads to; empty for HTTP
   */
  void addTo(YamlMap listeners, YamlMap relay) {
    for (Planned each : planned) {
      YamlMap map = YamlMap.block();
      map.put("port", each.endpoint().port());
      if (!each.endpoint().host().isEmpty()) {
        map.put("address", each.endpoint().host());
      }
      map.putAll(relay);
      if (expectsProxyHeader || each.line().has("accept-proxy")) {
        map.put("proxy-protocol", true);
      }
      if (each.line().has("ssl")) {
        map.put("tls", tls(each));
      } else if (relay.isEmpty() && each.line().value("proto").equals("h2")) {
        map.put("http2", true);
      }
      listeners.put(each.name(), map, List.of(each.statement().source()));
    }
  }

  private YamlMap tls(Planned planned) {
    BindLine line = planned.line();
    YamlMap tls = YamlMap.block();
    List<String> files = new ArrayList<>();
    line.values("crt").forEach(each -> files.add(ImportContext.path(context.crtBase, each)));
    line.values("crt-list").forEach(each -> files.addAll(certificates(planned, each)));
    if (files.isEmpty()) {
      ledger.unsupported(
          planned.statement(), "no 'crt FILE' is named here: name it in tls.certificates");
      files.add("missing.pem");
    }
    tls.put("certificates", YamlList.flow(files));
    if (isVerifying(line)) {
      tls.put("client-auth", line.value("verify"));
      tls.put("client-ca", ImportContext.path(context.caBase, line.value("ca-file")));
      if (line.value("ca-file").isEmpty()) {
        ledger.guardUnsupported(
            planned.statement(), "no 'ca-file FILE' is named here: name it in tls.client-ca");
      }
      revocations(line).stream()
          .filter(file -> !file.isEmpty())
          .forEach(file -> tls.put("crl", ImportContext.path(context.caBase, file)));
    }
    if (line.has("strict-sni") || (context.strictNames && !line.has("no-strict-sni"))) {
      tls.put("strict-names", true);
    }
    if (!offersHttp2(line)) {
      tls.put("http2", false);
    }
    if (line.value("ssl-min-ver").equals("TLSv1.3")
        || line.has("force-tlsv13")
        || line.has("no-tlsv12")
        || context.onlyTls13) {
      tls.put("min-version", "TLSv1.3");
    }
    return tls;
  }

  /** Whether clients may choose HTTP/2 in the handshake. */
  private boolean offersHttp2(BindLine line) {
    String alpn = line.value("alpn");
    return switch (line.value("proto")) {
      case "h2" -> true;
      case "h1" -> false;
      default ->
          alpn.isEmpty()
              ? !line.has("no-alpn") && context.version.isAtLeast(OFFERS_HTTP2)
              : List.of(alpn.split(",", -1)).contains("h2");
    };
  }

  private List<String> certificates(Planned planned, String list) {
    if (context.files.apply(list).isEmpty()) {
      ledger.unsupported(
          planned.statement(),
          "'" + list + "' cannot be read here: name its certificates in tls.certificates");
      return List.of(ImportContext.path(context.crtBase, "missing.pem"));
    }
    List<String> files = new ArrayList<>();
    for (String row : rows(list).toList()) {
      files.add(ImportContext.path(context.crtBase, row.split("\\s+", 2)[0]));
      if (ROW_OPTIONS.matcher(row).matches()) {
        ledger.guardApproximated(
            planned.statement(), "options in '" + list + "' are left out: '" + row + "'");
      }
    }
    return files;
  }
}
