package dev.understudy.haproxy.translate;

import dev.understudy.haproxy.report.Ledger;
import dev.understudy.haproxy.syntax.Statement;
import dev.understudy.haproxy.yaml.YamlList;
import dev.understudy.haproxy.yaml.YamlMap;
import dev.understudy.haproxy.yaml.YamlNode;
import dev.understudy.haproxy.yaml.YamlScalar;
import dev.understudy.pool.RoleProof;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.Set;

/** Health checks of a backend: the protocol, what is expected, and the times of its servers. */
final class HealthChecks {
  private static final List<String> SHARED =
      List.of(
          "inter",
          "fastinter",
          "downinter",
          "rise",
          "fall",
          "check-ssl",
          "no-check-ssl",
          "check-send-proxy");

  /** Options that choose a kind of check. */
  private static final List<String> KINDS =
      List.of(
          "httpchk",
          "tcp-check",
          "pgsql-check",
          "redis-check",
          "mysql-check",
          "smtpchk",
          "ssl-hello-chk",
          "ldap-check",
          "spop-check",
          "external-check");

  /** Steps of a connection: before the first of them one is opened. */
  private static final Set<String> EXCHANGE =
      Set.of("connect", "send", "send-lf", "send-binary", "send-binary-lf", "expect");

  /** Options of a connection by which a check is another one than here. */
  private static final Set<String> ELSEWHERE =
      Set.of("addr", "sni", "alpn", "proto", "socks4", "via-socks4");

  /** How values of header fields are compared that have a text in them. */
  private static final Set<String> CONTAINED = Set.of("str", "beg", "end", "sub");

  /** Where the TLS and the PROXY header of checks are said. */
  private enum Transport {
    OF_SERVER,
    /** By a {@code connect} without {@code default}. */
    SAID
  }

  private static final String MANUAL =
      "failback is manual with a check of a database: an operator gives a server that returns its"
          + " role back, where HAProxy does so at once";

  private static final String PROVES_ROLE =
      "the check proves the role, so failback is manual: a server that returns with the role while"
          + " another serves is not followed (two primaries), where HAProxy follows it";

  private final Context context;
  private final Proxy proxy;

  /** Whether the role may return to a server. */
  private final boolean failsBack;

  private final Ledger ledger;
  private final List<Backends.Entry> servers;
  private Transport transport = Transport.OF_SERVER;

  /** The option that counts; empty: none. */
  private String chosen = "";

  private boolean overTls;
  private final YamlMap health = YamlMap.block();

  HealthChecks(Context context, Proxy proxy, List<Backends.Entry> servers, boolean failover) {
    this.proxy = proxy;
    this.context = context;
    failsBack = failover && servers.size() > 1;
    this.servers = servers;
    ledger = context.ledger;
  }

  void addTo(YamlMap pool) {
    Optional<Backends.Entry> checked =
        servers.stream().filter(Backends.Entry::isChecked).findFirst();
    checked.ifPresentOrElse(this::check, this::unchecked);
    pool.put("health", health);
  }

  private void unchecked() {
    for (Statement each : options()) {
      if (proxy.isOwn(each)) {
        ledger.notNeeded(each, "no server has 'check'");
      }
    }
    proxy.takeAll("http-check").forEach(line -> ledger.notNeeded(line, "no server has 'check'"));
    proxy.takeAll("tcp-check").forEach(line -> ledger.notNeeded(line, "no server has 'check'"));
    proxy
        .takeAll("timeout", "check")
        .forEach(line -> ledger.notNeeded(line, "no server has 'check'"));
    health.put(
        "type",
        YamlScalar.text("tcp"),
        List.of(
            "HAProxy takes servers without \"check\" for UP always; here each is checked by a",
            "connection."));
    servers.forEach(
        each ->
            ledger.approximated(each.statement(), "checked by a connection, as it has no 'check'"));
    servers.stream()
        .filter(each -> each.line().has("agent-check"))
        .findFirst()
        .ifPresent(this::agent);
  }

  private void check(Backends.Entry first) {
    kind();
    CheckPlaces.addTo(health, servers, ledger);
    times(first);
    for (Backends.Entry each : servers) {
      if (!each.isChecked()) {
        ledger.approximated(
            each.statement(), "checked as the other servers, though it has no 'check'");
      }
      for (String name : SHARED) {
        if (each.isChecked() && !each.line().value(name).equals(first.line().value(name))) {
          ledger.approximated(
              each.statement(),
              "'" + name + "' of server " + first.name() + " counts for the pool");
        }
      }
    }
  }

  /** The lines that choose a kind of check, in order: the last one counts. */
  private List<Statement> options() {
    List<Statement> found = new ArrayList<>();
    KINDS.forEach(each -> found.addAll(proxy.takeAll("option", each)));
    return proxy.inOrder(found);
  }

  private void kind() {
    List<Statement> options = options();
    if (options.isEmpty()) {
      health.put("type", YamlScalar.text("tcp"));
    } else {
      Statement last = options.getLast();
      options.stream().limit(options.size() - 1L).forEach(each -> proxy.replaced(each, last));
      chosen = last.prefix() == Statement.Prefix.NONE ? last.word(1) : "";
      kind(last, chosen);
    }
    unread("http-check", "option httpchk");
    unread("tcp-check", "option tcp-check");
  }

  /** Judges lines of a kind of check that is not made. */
  private void unread(String keyword, String option) {
    String why =
        chosen.isEmpty()
            ? "there is no '" + option + "'"
            : "'option " + chosen + "' chooses another kind of check";
    proxy.takeAll(keyword).stream()
        .filter(each -> proxy.isOwn(each) && !ledger.isJudged(each))
        .forEach(each -> ledger.notNeeded(each, why));
  }

  private void kind(Statement statement, String kind) {
    switch (kind) {
      case "httpchk" -> http(statement);
      case "pgsql-check" -> database(statement, "postgresql");
      case "mysql-check" -> database(statement, "mysql");
      case "redis-check" -> {
        health.put("type", YamlScalar.text("redis"), List.of(statement.source()));
        ledger.row(statement, "option", kind);
        keepsRole(statement, MANUAL);
      }
      case "smtpchk" -> smtp(statement);
      case "tcp-check" -> {
        health.put("type", YamlScalar.text("tcp"), List.of(statement.source()));
        ledger.row(statement, "option", kind);
        steps();
      }
      case "ssl-hello-chk" -> {
        health.put("type", YamlScalar.text("tcp"), List.of(statement.source()));
        overTls();
        ledger.row(statement, "option", kind);
      }
      case "" -> {
        health.put("type", YamlScalar.text("tcp"));
        ledger.notNeeded(statement, "turns off what is off here");
      }
      default -> {
        health.put("type", YamlScalar.text("tcp"), List.of(statement.source()));
        ledger.row(statement, "option", kind);
      }
    }
  }

  /**
   * The lines of the first connection of a check; of all others nothing is said. Lines of the
   * section take the place of inherited ones.
   */
  private List<Statement> firstConnection(String keyword) {
    List<Statement> all = proxy.takeAll(keyword);
    List<Statement> own = all.stream().filter(proxy::isOwn).toList();
    List<Statement> kept = new ArrayList<>();
    boolean begun = false;
    boolean ended = false;
    for (Statement statement : own.isEmpty() ? all : own) {
      ended |= begun && statement.word(1).equals("connect");
      begun |= EXCHANGE.contains(statement.word(1));
      if (!ended) {
        kept.add(statement);
      } else {
        ledger.unsupported(
            statement,
            "left out: a check is one connection here, the first; a pool of its own can check the"
                + " other");
      }
    }
    return kept;
  }

  private void database(Statement statement, String type) {
    health.put("type", YamlScalar.text(type), List.of(statement.source()));
    int user = statement.from(0).indexOf("user");
    if (user >= 0) {
      health.put("user", statement.word(user + 1));
    } else if (type.equals("postgresql")) {
      health.put("user", "postgres");
    }
    ledger.row(statement, "option", statement.word(1));
    keepsRole(statement, MANUAL);
  }

  /** The serving server keeps the role, where HAProxy gives it back. */
  private void keepsRole(Statement statement, String why) {
    if (failsBack) {
      ledger.approximated(statement, why);
      context.remark("Pool " + context.pools.of(proxy.name()) + ": " + why + ".");
    }
  }

  private void smtp(Statement statement) {
    String hello = statement.size() > 2 ? statement.word(2) : "HELO";
    String domain = statement.size() > 3 ? statement.word(3) : "localhost";
    health.put("type", YamlScalar.text("tcp"), List.of(statement.source()));
    YamlList steps = YamlList.block();
    steps.add(step("expect", YamlMap.flow().put("text", "220")), List.of());
    steps.add(step("send", YamlScalar.text(hello + " " + domain + "\r\n")), List.of());
    steps.add(step("expect", YamlMap.flow().put("text", "250")), List.of());
    health.put("steps", steps);
    ledger.row(statement, "option", "smtpchk");
  }

  private static YamlMap step(String name, YamlNode value) {
    return YamlMap.flow().put(name, value);
  }

  private void steps() {
    YamlList steps = YamlList.block();
    for (Statement statement : firstConnection("tcp-check")) {
      List<String> comment = List.of(statement.source());
      String kind = statement.word(1);
      switch (kind) {
        case "send", "send-binary" -> {
          boolean text = kind.equals("send");
          if (statement.word(2).matches(text ? "(?s).+" : "([0-9A-Fa-f]{2})+")) {
            steps.add(
                step(text ? "send" : "send-hex", YamlScalar.text(statement.word(2))), comment);
            ledger.row(statement, "tcp-check", kind);
          } else {
            ledger.problem(
                statement,
                "expected " + (text ? "a text" : "pairs of hexadecimal digits") + " to send");
          }
        }
        case "expect" -> expected(statement, steps);
        case "connect" -> connect(statement, "tcp-check");
        default -> ledger.row(statement, "tcp-check", kind);
      }
    }
    if (!steps.isEmpty()) {
      health.put("steps", steps);
    }
  }

  private void expected(Statement statement, YamlList steps) {
    Expected expected = Expected.of(statement.from(2));
    if (expected.value().text().isEmpty()) {
      ledger.problem(statement, "expected a text after '" + expected.kind() + "'");
      return;
    }
    String name =
        switch (expected.kind()) {
          case "string" -> "text";
          case "rstring" -> "text-regex";
          case "binary" -> "hex";
          default -> "";
        };
    if (name.isEmpty()) {
      ledger.unsupported(
          statement,
          "left out: expected string, rstring or binary, found '" + expected.kind() + "'");
      return;
    }
    YamlMap value = YamlMap.flow().put(name, expected.value().text());
    steps.add(step("expect", maybeNot(expected, value)), List.of(statement.source()));
    ledger.row(statement, "tcp-check", "expect");
    if (!expected.not() && RoleProof.isOfMaster(expected.value().text())) {
      keepsRole(statement, PROVES_ROLE);
    }
  }

  private boolean isSecured() {
    return servers.stream().anyMatch(each -> each.line().has("ssl"));
  }

  /** {@code connect} of either kind: a port and TLS. */
  private void connect(Statement statement, String place) {
    List<String> words = statement.from(2);
    int port = words.indexOf("port");
    if (port >= 0
        && port + 1 < words.size()
        && words.get(port + 1).matches("[0-9]{1,5}")
        && !health.has("port")) {
      health.put(
          "port",
          YamlScalar.number(Long.parseLong(words.get(port + 1))),
          List.of(statement.source()));
    }
    if (!words.contains("default")) {
      transport = Transport.SAID;
    }
    if (words.contains("ssl")) {
      overTls();
    } else if (transport == Transport.SAID && isSecured()) {
      health.put("tls", false);
    }
    if (words.contains("send-proxy")) {
      health.put("proxy-protocol", true);
    }
    List<String> left = words.stream().filter(ELSEWHERE::contains).toList();
    if (left.isEmpty()) {
      ledger.row(statement, place, "connect");
    } else {
      ledger.unsupported(
          statement,
          "without "
              + String.join(", ", left)
              + ": checks go to the address of the server, or to its health-host, and name"
              + " tls.server-name of the pool in TLS");
    }
  }

  private void http(Statement statement) {
    List<String> comments = new ArrayList<>(List.of(statement.source()));
    CheckRequest request = CheckRequest.of(statement);
    List<Statement> checks = firstConnection("http-check");
    for (Statement check : checks) {
      switch (check.word(1)) {
        case "send" -> {
          request.send(check, ledger);
          comments.add(check.source());
        }
        case "connect" -> connect(check, "http-check");
        case "expect" -> {}
        default -> ledger.row(check, "http-check", check.word(1));
      }
    }
    health.put("type", YamlScalar.text("http"), comments);
    request.addTo(health);
    ledger.row(statement, "option", "httpchk");
    expect(checks);
    if (proxy.isTcp()
        && RoleProof.isPatroni(request.target())
        && checks.stream().noneMatch(each -> each.from(2).contains("503"))) {
      keepsRole(statement, PROVES_ROLE);
    }
  }

  private void expect(List<Statement> checks) {
    List<YamlNode> rules = new ArrayList<>();
    List<String> comments = new ArrayList<>();
    boolean status = false;
    for (Statement statement : checks) {
      if (!statement.word(1).equals("expect")) {
        continue;
      }
      Expected expected = Expected.of(statement.from(2));
      Optional<YamlMap> rule = rule(statement, expected);
      if (rule.isPresent()) {
        rules.add(rule.get());
        comments.add(statement.source());
        status |= rule.get().has("status");
      }
    }
    if (rules.isEmpty()) {
      return;
    }
    if (!status) {
      comments.add("(with such a rule HAProxy ignores the status)");
    }
    if (rules.size() == 1 && rules.getFirst() instanceof YamlMap map) {
      if (!status) {
        map.put("status", "100-599");
      }
      health.put("expect", map, comments);
      return;
    }
    YamlList list = YamlList.block();
    rules.forEach(each -> list.add(each, List.of()));
    if (!status) {
      list.add(YamlMap.flow().put("status", "100-599"), List.of());
    }
    health.put("expect", list, comments);
  }

  private Optional<YamlMap> rule(Statement statement, Expected expected) {
    return switch (expected.kind()) {
      case "status", "rstatus" -> {
        String set = ExpectedStatuses.of(expected);
        if (set.isEmpty()) {
          ledger.unsupported(
              statement,
              "left out: expected statuses from 100 to 599, found '"
                  + expected.value().text()
                  + "'");
          yield Optional.empty();
        }
        ledger.row(statement, "http-check", "expect");
        yield Optional.of(YamlMap.flow().put("status", set));
      }
      case "string", "rstring" -> {
        ledger.row(statement, "http-check", "expect");
        yield Optional.of(
            maybeNot(
                expected,
                YamlMap.flow()
                    .put(
                        expected.kind().equals("string") ? "body" : "body-regex",
                        expected.value().text())));
      }
      case "hdr", "fhdr" -> header(statement, expected);
      default -> {
        ledger.unsupported(
            statement,
            "left out: expected status, rstatus, string, rstring or hdr, found '"
                + expected.kind()
                + "'");
        yield Optional.empty();
      }
    };
  }

  /** A field that must be there, with a text in its value: other comparisons have no words. */
  private Optional<YamlMap> header(Statement statement, Expected expected) {
    String how = expected.value().method();
    if (!expected.name().method().equals("str") || !CONTAINED.contains(how)) {
      ledger.unsupported(
          statement,
          "left out: expected the whole name of a header field and -m str, beg, end or sub for its"
              + " value");
      return Optional.empty();
    }
    YamlMap header = YamlMap.flow().put("name", expected.name().text());
    String text = expected.value().text();
    if (!text.isEmpty()) {
      header.put("contains", text);
    }
    if (text.isEmpty() || how.equals("sub")) {
      ledger.row(statement, "http-check", "expect");
    } else {
      ledger.approximated(statement, "the value may have the text anywhere, as with -m sub");
    }
    return Optional.of(maybeNot(expected, YamlMap.flow().put("header", header)));
  }

  private static YamlMap maybeNot(Expected expected, YamlMap rule) {
    return expected.not() ? YamlMap.flow().put("not", rule) : rule;
  }

  private void times(Backends.Entry first) {
    ServerLine line = first.line();
    if (transport == Transport.OF_SERVER) {
      transport(line);
    }
    Duration least = Duration.ofMillis(10);
    Duration most = Duration.ofHours(24);
    duration(first, "inter", "interval", least, most);
    duration(first, "fastinter", "fast-interval", least, most);
    duration(first, "downinter", "down-interval", least, most);
    proxy
        .take("timeout", "check")
        .ifPresent(
            each -> {
              Optional<Duration> time = TimeText.parse(each.word(2));
              if (time.isEmpty()) {
                ledger.problem(each, "expected a time, found '" + each.word(2) + "'");
                return;
              }
              Duration bounded =
                  TimeText.within(time.get(), Duration.ofMillis(1), Duration.ofHours(1));
              health.put(
                  "timeout", YamlScalar.text(TimeText.ours(bounded)), List.of(each.source()));
              ledger.row(each, "timeout", "check");
            });
    number(first, "fall");
    number(first, "rise");
    agent(first);
  }

  /**
   * TLS and the PROXY header of checks: those of the server's traffic, unless checks go elsewhere.
   */
  private void transport(ServerLine line) {
    boolean elsewhere = line.has("port") || line.has("addr");
    boolean plain = line.has("no-check-ssl") || (elsewhere && !line.has("check-ssl"));
    if (line.has("ssl") && plain && !health.has("tls")) {
      health.put("tls", false);
    } else if (line.has("check-ssl") && !line.has("ssl") && !health.has("tls")) {
      overTls();
    }
    boolean sends =
        line.parameters().keySet().stream().anyMatch(each -> each.startsWith("send-proxy"));
    if ((line.has("check-send-proxy") || (sends && !elsewhere)) && !health.has("proxy-protocol")) {
      health.put("proxy-protocol", true);
    }
  }

  /** Whether checks speak TLS to servers that do not. */
  boolean isTlsOfItsOwn() {
    return overTls && !isSecured();
  }

  /** Whether certificates do not matter, as a TLS hello is all that is sent. */
  boolean isHello() {
    return chosen.equals("ssl-hello-chk");
  }

  private void overTls() {
    overTls = true;
    health.put("tls", true);
  }

  private void duration(
      Backends.Entry server, String theirs, String ours, Duration least, Duration most) {
    String text = server.line().value(theirs);
    Optional<Duration> time = TimeText.parse(text);
    if (time.isPresent()) {
      health.put(ours, TimeText.ours(TimeText.within(time.get(), least, most)));
    } else if (!text.isEmpty()) {
      ledger.problem(
          server.statement(), "expected a time after " + theirs + ", found '" + text + "'");
    }
  }

  private void number(Backends.Entry server, String name) {
    String text = server.line().value(name);
    if (text.matches("[1-9][0-9]?|100")) {
      health.put(name, Long.parseLong(text));
    } else if (text.matches("[1-9][0-9]+")) {
      health.put(name, 100);
      ledger.approximated(server.statement(), "`" + name + "`: at most 100");
    } else if (!text.isEmpty()) {
      ledger.problem(
          server.statement(), "expected a number after " + name + ", found '" + text + "'");
    }
  }

  private void agent(Backends.Entry first) {
    ServerLine line = first.line();
    String port = line.value("agent-port");
    if (!line.has("agent-check") || !port.matches("[0-9]{1,5}")) {
      return;
    }
    YamlMap agent = YamlMap.flow().put("port", Long.parseLong(port));
    line.find("agent-addr").ifPresent(each -> agent.put("host", each));
    line.find("agent-inter")
        .flatMap(TimeText::parse)
        .ifPresent(each -> agent.put("interval", TimeText.ours(each)));
    line.find("agent-send").ifPresent(each -> agent.put("send", each));
    health.put("agent", agent);
  }
}
