package dev.understudy.haproxy.translate;

import dev.understudy.haproxy.acl.Expression;
import dev.understudy.haproxy.report.Ledger;
import dev.understudy.haproxy.syntax.Statement;
import dev.understudy.haproxy.yaml.YamlMap;
import dev.understudy.haproxy.yaml.YamlScalar;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/** Translates one backend (or the half of a listen section that is one) into a pool. */
final class Backends {
  /** Of one template. */
  private static final int MOST_SERVERS = 100;

  private static final Duration LONGEST = Duration.ofHours(24);

  /**
   * One line with a server.
   *
   * @param yaml ours of it
   */
  record Entry(
      Statement statement, String name, String address, ServerLine line, int count, YamlMap yaml) {
    Entry(Statement statement, String name, String address, ServerLine line, int count) {
      this(statement, name, address, line, count, YamlMap.flow());
    }

    boolean isBackup() {
      return line.has("backup");
    }

    boolean isChecked() {
      return line.has("check") && !line.has("no-check");
    }
  }

  private final Context context;
  private final Proxy proxy;
  private final Ledger ledger;
  private final int frontPort;
  private final Names names = new Names("auto");
  private final Map<String, String> servers = new HashMap<>();
  private final List<Entry> entries = new ArrayList<>();
  private final YamlMap pool = YamlMap.block();

  /**
   * @param frontPort the port of the listeners that lead here, for servers without one; 0: none, or
   *     several
   */
  Backends(Context context, Proxy proxy, int frontPort) {
    this.context = context;
    this.proxy = proxy;
    this.frontPort = frontPort;
    ledger = context.ledger;
  }

  /** Adds the pool to the document, if it has a server. */
  boolean translate() {
    read();
    List<Entry> kept = usable();
    if (kept.isEmpty()) {
      return false;
    }
    YamlMap serversYaml = YamlMap.block();
    boolean failover = isFailover(kept);
    if (failover) {
      pool.put("mode", "failover");
    } else {
      pool.put("mode", "balance");
      backups(kept);
    }
    balance(failover);
    pool.put("servers", serversYaml);
    kept.forEach(each -> server(each, serversYaml, failover, kept));
    HealthChecks checks = new HealthChecks(context, proxy, kept, failover);
    checks.addTo(pool);
    sticky(failover);
    hold();
    retry();
    timeouts();
    tls(kept, checks);
    http2(kept);
    proxyProtocol(kept);
    ErrorPages.of(context, proxy).addTo(pool);
    context.poolsYaml.put(context.pools.of(proxy.name()), pool, List.of(proxy.header().source()));
    return true;
  }

  /** Our name of a server of this backend; absent if it has none. */
  Optional<String> server(String name) {
    return Optional.ofNullable(servers.get(name));
  }

  private void read() {
    ServerLine defaults = ServerLine.none();
    for (Statement statement : proxy.statements()) {
      switch (statement.keyword()) {
        case "default-server" -> {
          defaults = ServerLine.of(defaults, statement.from(1));
          proxy.takeAll("default-server");
          ServerParameters.judge(
              ledger, statement, ServerLine.of(ServerLine.none(), statement.from(1)));
        }
        case "server" -> {
          proxy.takeAll("server");
          if (statement.size() < 3) {
            ledger.problem(statement, "expected 'server NAME ADDRESS[:PORT]'");
          } else {
            entries.add(
                new Entry(
                    statement,
                    statement.word(1),
                    statement.word(2),
                    ServerLine.of(defaults, statement.from(3)),
                    0));
          }
        }
        case "server-template" -> {
          proxy.takeAll("server-template");
          template(statement, defaults);
        }
        case "dispatch" -> {
          proxy.takeAll("dispatch");
          entries.add(new Entry(statement, "dispatch", statement.word(1), ServerLine.none(), 0));
        }
        default -> {}
      }
    }
  }

  private void template(Statement statement, ServerLine defaults) {
    String range = statement.word(2);
    if (statement.size() < 4 || !range.matches("[0-9]{1,4}(-[0-9]{1,4})?")) {
      ledger.problem(statement, "expected 'server-template PREFIX COUNT|FIRST-LAST ADDRESS'");
      return;
    }
    int dash = range.indexOf('-');
    int first = dash < 0 ? 1 : Integer.parseInt(range.substring(0, dash));
    int last = Integer.parseInt(range.substring(dash + 1));
    if (last < first || last == 0) {
      ledger.problem(statement, "expected servers from 1 on, found '" + range + "'");
      return;
    }
    int count = Math.min(last - first + 1, MOST_SERVERS);
    if (count < last - first + 1) {
      ledger.unsupported(statement, "a template has at most " + MOST_SERVERS + " servers here");
    }
    entries.add(
        new Entry(
            statement,
            statement.word(1),
            statement.word(3),
            ServerLine.of(defaults, statement.from(4)),
            count));
  }

  /** The servers that can be said; all others are judged here. */
  private List<Entry> usable() {
    List<Entry> kept = new ArrayList<>();
    for (Entry entry : entries) {
      boolean service = entry.address().startsWith("_") && entry.count() > 0;
      Optional<ServerTarget> target = ServerTarget.parse(entry.address());
      if (entry.line().has("disabled")) {
        ledger.approximated(
            entry.statement(),
            "left out, as it is disabled: add it and set it to maintenance by 'understudy"
                + " maintenance POOL SERVER' to keep it at hand");
      } else if (entry.line().value("proto").equals("fcgi")) {
        ledger.unsupported(
            entry.statement(),
            "left out: FastCGI is not spoken; put a web server between, and name that here");
      } else if (service || (target.isPresent() && port(target.get()) > 0)) {
        kept.add(entry);
      } else if (target.isPresent()) {
        ledger.unsupported(
            entry.statement(),
            "left out: the port of the client's connection is used; give each server a port");
      } else {
        ledger.unsupported(
            entry.statement(),
            "left out: '" + entry.address() + "' is no host and port; only TCP over IP is spoken");
      }
    }
    return kept;
  }

  private int port(ServerTarget target) {
    return target.port() > 0 ? target.port() : frontPort;
  }

  private boolean isFailover(List<Entry> kept) {
    long masters = kept.stream().filter(each -> !each.isBackup()).count();
    boolean several = kept.stream().anyMatch(each -> each.count() > 1);
    boolean share = kept.size() - masters > 1 && proxy.has("option", "allbackups");
    return !several && masters <= 1 && !share;
  }

  /**
   * Filters that choose the server whose value is in the application's cookie; none if HAProxy sets
   * the cookie, or if none is read.
   */
  List<Filter> preferences() {
    Optional<Statement> cookie =
        proxy.statements().stream()
            .filter(each -> each.keyword().equals("cookie"))
            .reduce((first, second) -> second)
            .filter(each -> each.prefix() == Statement.Prefix.NONE && !Sticky.isOurCookie(each));
    List<Filter> filters = new ArrayList<>();
    for (Entry entry : cookie.isPresent() && !proxy.isTcp() ? entries : List.<Entry>of()) {
      String value = entry.line().value("cookie");
      String server = servers.get(entry.name());
      if (!value.isEmpty() && server != null && entry.count() == 0) {
        String name = cookie.get().word(1);
        Expression when =
            new Expression.Term("cookie(" + ValueText.of(name) + ", " + ValueText.of(value) + ")");
        filters.add(Filter.of("PreferServer", when, entry.statement(), "server", server));
      }
    }
    return filters;
  }

  /** In balance mode all backups share, in HAProxy only if that is said. */
  private void backups(List<Entry> kept) {
    if (!proxy.has("option", "allbackups")) {
      kept.stream()
          .filter(Entry::isBackup)
          .skip(1)
          .forEach(
              each ->
                  ledger.approximated(
                      each.statement(),
                      "shares with the backups before it, where HAProxy uses the first that is"
                          + " usable"));
    }
  }

  private void server(Entry entry, YamlMap to, boolean failover, List<Entry> all) {
    String name = names.fresh(entry.name());
    servers.put(entry.name(), name);
    boolean tls = entry.line().has("ssl");
    String scheme = proxy.isTcp() ? (tls ? "tls" : "tcp") : tls ? "https" : "http";
    YamlMap server = entry.yaml();
    Optional<ServerTarget> target = ServerTarget.parse(entry.address());
    if (entry.address().startsWith("_") && entry.count() > 0) {
      server.put("url", scheme + "+srv://" + entry.address().replaceAll(":[0-9]+$", ""));
    } else {
      target.ifPresent(each -> server.put("url", scheme + "://" + each.host() + ":" + port(each)));
    }
    boolean onlyBackups = all.stream().allMatch(Entry::isBackup);
    if (entry.isBackup() && !(onlyBackups && all.getFirst().equals(entry))) {
      server.put("role", "backup");
    } else if (failover && all.size() > 1) {
      server.put("role", "master");
    }
    if (entry.count() > 0) {
      server.put("count", entry.count());
    }
    limits(entry, server, failover);
    ServerParameters.judge(ledger, entry.statement(), entry.line());
    to.put(name, server, List.of(entry.statement().source()));
  }

  private void limits(Entry entry, YamlMap server, boolean failover) {
    String maxconn = entry.line().value("maxconn");
    if (maxconn.matches("[0-9]{1,7}") && !maxconn.matches("0+")) {
      server.put("max-requests", Long.parseLong(maxconn));
    }
    String weight = entry.line().value("weight");
    if (!weight.isEmpty() && !failover) {
      if (weight.matches("[0-9]{1,3}") && Integer.parseInt(weight) <= 256) {
        server.put("weight", Long.parseLong(weight));
      } else {
        ledger.problem(
            entry.statement(), "expected a weight from 0 to 256, found '" + weight + "'");
      }
    }
  }

  private void balance(boolean failover) {
    Optional<Statement> balance = proxy.take("balance");
    if (balance.isEmpty()) {
      return;
    }
    Statement statement = balance.get();
    String algorithm = statement.word(1).replaceAll("\\(.*", "");
    if (failover) {
      ledger.notNeeded(statement, "one server at a time serves");
      return;
    }
    String ours =
        switch (algorithm) {
          case "leastconn" -> "least-requests";
          case "source" -> "source";
          default -> "round-robin";
        };
    pool.put("balance", YamlScalar.text(ours), List.of(statement.source()));
    ledger.row(statement, "balance", algorithm);
  }

  private void sticky(boolean failover) {
    Sticky.addTo(context, proxy, pool, failover);
  }

  private void hold() {
    Optional<Statement> queue = proxy.take("timeout", "queue");
    if (queue.isPresent()) {
      Optional<Duration> time = TimeText.parse(queue.get().word(2));
      if (time.isEmpty()) {
        ledger.problem(queue.get(), "expected a time, found '" + queue.get().word(2) + "'");
        return;
      }
      pool.put(
          "hold",
          YamlMap.flow()
              .put(
                  "time",
                  TimeText.ours(TimeText.within(time.get(), Duration.ZERO, Duration.ofHours(1)))),
          List.of(queue.get().source()));
      ledger.row(queue.get(), "timeout", "queue");
    }
  }

  private void retry() {
    Optional<Statement> on = proxy.take("retry-on");
    Optional<Statement> retries = proxy.take("retries");
    if (on.isPresent() && !on.get().begins("retry-on", "none") && !proxy.isTcp()) {
      String number = retries.map(each -> each.word(1)).orElse("3");
      List<String> comments = new ArrayList<>();
      retries.ifPresent(each -> comments.add(each.source()));
      comments.add(on.get().source());
      pool.put("retry", YamlMap.flow().put("attempts", attempts(number)), comments);
      ledger.row(on.get(), "proxy", "retry-on");
      retries.ifPresent(each -> ledger.exact(each, "`retry.attempts`"));
    } else {
      on.ifPresent(each -> ledger.notNeeded(each, "connections that fail are always tried again"));
      retries.ifPresent(each -> ledger.row(each, "proxy", "retries"));
    }
  }

  private static long attempts(String retries) {
    String digits = retries.matches("[0-9]{1,3}") ? retries : "0";
    return Math.clamp(Long.parseLong(digits) + 1, 1, 10);
  }

  private void timeouts() {
    YamlMap timeouts = YamlMap.flow();
    List<String> comments = new ArrayList<>();
    time("connect", List.of("connect"), timeouts, comments);
    if (!proxy.isTcp()) {
      time("server", List.of("response", "idle"), timeouts, comments);
    } else if (!proxy.has("timeout", "tunnel")) {
      time("server", List.of("tunnel"), timeouts, comments);
    } else {
      proxy
          .take("timeout", "server")
          .ifPresent(each -> ledger.notNeeded(each, "timeout tunnel takes its place"));
    }
    time("tunnel", List.of("tunnel"), timeouts, comments);
    if (!timeouts.isEmpty()) {
      pool.put("timeouts", timeouts, comments);
    }
  }

  private void time(String theirs, List<String> ours, YamlMap to, List<String> comments) {
    Optional<Statement> statement = proxy.take("timeout", theirs);
    if (statement.isEmpty()) {
      return;
    }
    Optional<Duration> time = TimeText.parse(statement.get().word(2));
    if (time.isEmpty()) {
      ledger.problem(
          statement.get(), "expected a time such as 30s, found '" + statement.get().word(2) + "'");
      return;
    }
    Duration bounded =
        time.get().isZero() ? LONGEST : TimeText.within(time.get(), Duration.ofMillis(1), LONGEST);
    ours.forEach(name -> to.put(name, TimeText.ours(bounded)));
    comments.add(statement.get().source());
    ledger.row(statement.get(), "timeout", theirs);
  }

  private void tls(List<Entry> kept, HealthChecks checks) {
    boolean onlyChecks = checks.isTlsOfItsOwn();
    List<Entry> secured =
        kept.stream().filter(each -> onlyChecks || each.line().has("ssl")).toList();
    if (secured.isEmpty()) {
      return;
    }
    ServerLine line = secured.getFirst().line();
    YamlMap tls = YamlMap.flow();
    String pool = context.pools.of(proxy.name());
    String authorities = line.value("ca-file");
    String certificate = line.value("crt");
    String bundle = pool + "-servers";
    String prefix = "spring.ssl.bundle.pem." + bundle;
    if (!authorities.isEmpty() && !authorities.startsWith("@")) {
      context.settings.put(
          prefix + ".truststore.certificate", "file:" + Context.path(context.caBase, authorities));
    }
    if (!certificate.isEmpty()) {
      String file = "file:" + Context.path(context.crtBase, certificate);
      context.settings.put(prefix + ".keystore.certificate", file);
      context.settings.put(prefix + ".keystore.private-key", file);
    }
    if (context.settings.keySet().stream().anyMatch(each -> each.startsWith(prefix + "."))) {
      tls.put("bundle", bundle);
    }
    String host = line.value("verifyhost");
    String sni = line.value("sni");
    if (!host.isEmpty()) {
      tls.put("server-name", host);
    } else if (sni.startsWith("str(") && sni.endsWith(")")) {
      tls.put("server-name", sni.substring(4, sni.length() - 1));
    } else if (!sni.isEmpty()) {
      secured.forEach(
          each ->
              ledger.approximated(
                  each.statement(),
                  "`sni`: the server's own name, instead of '"
                      + each.line().value("sni")
                      + "'; tls.server-name of the pool names another"));
    }
    if (line.value("verify").equals("none")
        || (line.value("verify").isEmpty() && context.noVerify)
        || (onlyChecks && checks.isHello())) {
      tls.put("verify", false);
    }
    for (Entry each : secured) {
      for (String name : List.of("ca-file", "crt", "verify", "verifyhost", "sni")) {
        if (!each.line().value(name).equals(line.value(name))) {
          ledger.guardApproximated(
              each.statement(), "'" + name + "' of the first server counts for the whole pool");
        }
      }
    }
    if (!tls.isEmpty()) {
      this.pool.put("tls", tls);
    }
  }

  private void http2(List<Entry> kept) {
    boolean wanted =
        kept.stream()
            .map(Entry::line)
            .anyMatch(
                line ->
                    line.value("proto").equals("h2")
                        || List.of(line.value("alpn").split(",", -1)).contains("h2"));
    if (wanted && !proxy.isTcp()) {
      pool.put("http2", true);
    }
  }

  private void proxyProtocol(List<Entry> kept) {
    for (Entry each : kept) {
      boolean v2 =
          each.line().parameters().keySet().stream().anyMatch(k -> k.startsWith("send-proxy-v2"));
      if (!v2 && !each.line().has("send-proxy")) {
        continue;
      }
      if (!proxy.isTcp()) {
        ledger.unsupported(
            each.statement(),
            "HTTP servers get no PROXY header: let them read X-Forwarded-For or Forwarded instead");
      } else if (!pool.has("proxy-protocol")) {
        pool.put("proxy-protocol", v2 ? "v2" : "v1");
      }
    }
  }
}
