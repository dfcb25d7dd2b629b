package dev.understudy.haproxy.translate;

import dev.understudy.haproxy.acl.TranslatedCondition;
import dev.understudy.haproxy.syntax.HaproxyVersion;
import dev.understudy.haproxy.syntax.Statement;
import dev.understudy.haproxy.yaml.YamlNode.YamlMap;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/** Translates one backend (or the half of a listen section that is one) into a pool. */
final class BackendTranslation extends SectionTranslation {
  /** Servers of one template. */
  private static final int MOST_SERVERS = 100;

  /** Settings of {@code balance} by HAProxy's algorithm; all others are round robin. */
  private static final Map<String, String> ALGORITHMS =
      Map.of("leastconn", "least-requests", "source", "source");

  private static final HaproxyVersion RANDOM_BY_DEFAULT = new HaproxyVersion(3, 3);

  private final int frontPort;

  /** All servers, also those that the pool cannot have. */
  private final List<ServerLine> lines;

  private final List<ServerLine> servers;

  /** Whether one server at a time serves. */
  private final boolean failover;

  /** Understudy's names of servers. */
  private final Map<ServerLine, String> names = new LinkedHashMap<>();

  /**
   * @param frontPort the port of the listeners that lead here, for servers without one; 0: none, or
   *     several
   */
  BackendTranslation(ProxySection proxy, int frontPort) {
    super(proxy);
    this.frontPort = frontPort;
    lines = ServerLine.all(proxy.statements());
    List<ServerLine> usable = lines.stream().filter(this::isUsable).toList();
    long backups = usable.stream().filter(ServerLine::isBackup).count();
    boolean shared = backups > 1 && proxy.has("option", "allbackups");
    failover =
        usable.size() - backups <= 1
            && !shared
            && usable.stream().allMatch(each -> each.count() <= 1);
    servers = usable.stream().filter(each -> !failover || !isWithoutWeight(each)).toList();
    NameAllocator fresh = new NameAllocator("auto");
    servers.forEach(each -> names.put(each, fresh.fresh(each.name())));
  }

  /** Adds the pool to the document, if it has a server. */
  boolean translate() {
    judgeLines();
    if (servers.isEmpty()) {
      return false;
    }
    String name = context.pools.of(proxy.name());
    YamlMap pool = YamlMap.block();
    pool.put("mode", failover ? "failover" : "balance");
    proxy
        .take("balance")
        .ifPresentOrElse(line -> addBalance(line, pool), () -> addDefaultBalance(pool));
    BackendCheck check = new BackendCheck(proxy, servers);
    judgeServers();
    addServers(check, pool);
    new HealthTranslation(proxy, check, failover).addTo(pool);
    new StickySessions(proxy).addTo(pool, failover);
    BackendTimeouts.addTo(pool, proxy);
    new BackendTls(proxy, servers, check).addTo(pool, name);
    addProtocols(pool);
    if (!proxy.isTcp()) {
      new SectionErrorPages(proxy).addTo(pool);
    }
    context.poolsYaml.put(name, pool, List.of(proxy.header().source()));
    return true;
  }

  /** Understudy's name of a server of this backend; absent if it has none. */
  private Optional<String> server(String name) {
    return servers.stream()
        .filter(each -> each.name().equals(name))
        .reduce((first, second) -> second)
        .map(this::name);
  }

  private String name(ServerLine server) {
    return names.getOrDefault(server, "");
  }

  private boolean isUsable(ServerLine line) {
    return !line.has("disabled")
        && !line.value("proto").equals("fcgi")
        && line.url(proxy.isTcp(), frontPort).isPresent();
  }

  private static boolean isWithoutWeight(ServerLine line) {
    return line.weight().equals(Optional.of(0L));
  }

  private void judgeLines() {
    for (Statement line : proxy.statements()) {
      switch (line.keyword()) {
        case "default-server" ->
            judgeParameters(line, ServerLine.parameters(Map.of(), line.from(1)));
        case "server", "server-template" -> {
          String problem = ServerLine.problem(line);
          if (!problem.isEmpty()) {
            ledger.problem(line, problem);
          }
        }
        default -> {}
      }
    }
    List.of("default-server", "server", "server-template", "dispatch").forEach(proxy::takeAll);
    for (ServerLine line : lines) {
      if (line.count() > MOST_SERVERS) {
        ledger.unsupported(
            line.statement(), "a template has at most " + MOST_SERVERS + " servers here");
      }
      if (line.has("disabled")) {
        ledger.approximated(
            line.statement(),
            "left out, as it is disabled: add it and set it to maintenance by 'understudy"
                + " maintenance POOL SERVER' to keep it at hand");
      } else if (!isUsable(line)) {
        ledger.unsupported(line.statement(), "left out: " + obstacle(line));
      } else if (!servers.contains(line)) {
        ledger.approximated(
            line.statement(),
            "left out, as its weight is 0: add it and drain it by 'understudy drain POOL SERVER' to"
                + " keep it at hand");
      }
    }
  }

  /** Why a pool cannot have a server. */
  private static String obstacle(ServerLine line) {
    if (line.value("proto").equals("fcgi")) {
      return "FastCGI is not spoken; put a web server between, and name that here";
    }
    return ServerLine.Target.parse(line.address()).isPresent()
        ? "the port of the client's connection is used; give each server a port"
        : "'" + line.address() + "' is not a host and port; only TCP over IP is spoken";
  }

  private void judgeServers() {
    if (!failover && !proxy.has("option", "allbackups")) {
      servers.stream()
          .filter(ServerLine::isBackup)
          .skip(1)
          .forEach(
              each ->
                  ledger.approximated(
                      each.statement(),
                      "shares the requests with the backups before it; HAProxy uses only the first"
                          + " usable one"));
    }
    for (ServerLine each : servers) {
      if (!failover && each.find("weight").isPresent() && each.weight().isEmpty()) {
        ledger.problem(
            each.statement(),
            "expected a weight from 0 to 256, found '" + each.value("weight") + "'");
      }
      judgeParameters(each.statement(), each.parameters());
    }
  }

  private void judgeParameters(Statement line, Map<String, String> parameters) {
    ledger.exact(line, "");
    ledger.parameters(line, "server", parameters.keySet());
  }

  private void addBalance(Statement line, YamlMap pool) {
    if (failover) {
      ledger.notNeeded(line, "one server at a time serves");
    } else {
      String algorithm = line.word(1).replaceAll("\\(.*", "");
      String balance = ALGORITHMS.getOrDefault(algorithm, "round-robin");
      pool.put("balance", balance, List.of(line.source()));
      ledger.row(line, "balance", algorithm);
    }
  }

  /** What HAProxy does without a line. */
  private void addDefaultBalance(YamlMap pool) {
    if (!failover && context.version.isAtLeast(RANDOM_BY_DEFAULT)) {
      String why = "without `balance`, HAProxy from " + RANDOM_BY_DEFAULT + " on chooses at random";
      pool.put("balance", "round-robin", List.of(why.replace("`", "")));
      ledger.approximated(proxy.header(), why + "; `balance: round-robin` here");
    }
  }

  private void addServers(BackendCheck check, YamlMap pool) {
    YamlMap all = YamlMap.block();
    boolean onlyBackups = servers.stream().allMatch(ServerLine::isBackup);
    for (ServerLine each : servers) {
      YamlMap yaml = YamlMap.flow();
      each.url(proxy.isTcp(), frontPort).ifPresent(url -> yaml.put("url", url));
      if (each.isBackup() && !(onlyBackups && each.equals(servers.getFirst()))) {
        yaml.put("role", "backup");
      } else if (failover && servers.size() > 1) {
        yaml.put("role", "master");
      }
      if (each.count() > 0) {
        yaml.put("count", Math.min(each.count(), MOST_SERVERS));
      }
      each.find("maxconn")
          .filter(most -> most.matches("0*[1-9][0-9]*") && most.length() <= 7)
          .ifPresent(most -> yaml.put("max-requests", Long.parseLong(most)));
      if (!failover) {
        each.weight().ifPresent(weight -> yaml.put("weight", weight));
      }
      yaml.putAll(check.place(each));
      all.put(name(each), yaml, List.of(each.statement().source()));
    }
    pool.put("servers", all);
  }

  private void addProtocols(YamlMap pool) {
    if (proxy.isTcp()) {
      addProxyProtocol(pool);
      return;
    }
    addHttp2(pool);
    servers.stream()
        .filter(each -> each.proxyProtocol().isPresent())
        .forEach(
            each ->
                ledger.unsupported(
                    each.statement(),
                    "HTTP servers get no PROXY header: let them read X-Forwarded-For or Forwarded"
                        + " instead"));
  }

  private void addProxyProtocol(YamlMap pool) {
    Optional<String> version = servers.getFirst().proxyProtocol();
    version.ifPresent(each -> pool.put("proxy-protocol", each));
    servers.stream()
        .filter(each -> !each.proxyProtocol().equals(version))
        .forEach(
            each ->
                ledger.unsupported(
                    each.statement(),
                    "like server "
                        + servers.getFirst().name()
                        + " it gets "
                        + version.map(one -> "a PROXY header of " + one).orElse("no PROXY header")
                        + ": all servers of a pool do"));
  }

  /** Servers with TLS choose HTTP/2 by ALPN; all others have to speak what the pool speaks. */
  private void addHttp2(YamlMap pool) {
    boolean http2 =
        servers.stream().anyMatch(ServerLine::isHttp2)
            && servers.stream().allMatch(each -> each.has("ssl") || each.isHttp2());
    if (http2) {
      pool.put("http2", true);
    }
    for (ServerLine each : servers) {
      if (each.isHttp2() && !http2) {
        ledger.unsupported(
            each.statement(), "HTTP/1.1 is spoken, as another server of the pool has no HTTP/2");
      } else if (!each.isHttp2() && http2) {
        ledger.approximated(each.statement(), "HTTP/2 is spoken if the server chooses it by ALPN");
      }
    }
  }

  /**
   * Filters that choose a server: that whose value is in the application's cookie, unless HAProxy
   * sets the cookie, then those of {@code use-server} lines. These choose before a cookie, which so
   * comes first; the last one that applies counts, in HAProxy the first.
   */
  List<ImportedFilter> preferences(FrontendTermContext after) {
    List<ImportedFilter> filters = new ArrayList<>();
    proxy
        .last("cookie")
        .filter(each -> !proxy.isTcp() && !each.isReset() && !StickySessions.isSetByProxy(each))
        .ifPresent(
            cookie ->
                servers.stream()
                    .filter(each -> each.count() == 0 && each.find("cookie").isPresent())
                    .forEach(each -> filters.add(preference(cookie.word(1), each))));
    List<ImportedFilter> lines = new ArrayList<>();
    for (Statement statement : proxy.takeAll("use-server")) {
      RuleLine line = RuleLine.of(statement, 0);
      RuleTranslation rule = new RuleTranslation(proxy, after, line);
      server(line.argument(1))
          .ifPresentOrElse(
              server -> rule.change("PreferServer", "", "server", server),
              () -> rule.leaveOut("'" + line.argument(1) + "' is not a server of this pool"));
      rule.report();
      lines.addAll(rule.filters());
    }
    filters.addAll(lines.reversed());
    return filters;
  }

  private ImportedFilter preference(String cookie, ServerLine server) {
    TranslatedCondition when =
        TranslatedCondition.Term.of("cookie", cookie, server.value("cookie"));
    return ImportedFilter.of("PreferServer", when, server.statement(), "server", name(server));
  }
}
