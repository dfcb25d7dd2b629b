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
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.stream.Stream;

/**
 * The health check of a backend: an option chooses its kind, rules are its steps over one
 * connection, and the first server with {@code check} has its times.
 */
final class HealthCheck {
  /** The type of {@code health} for each option that chooses a kind of check. */
  private static final Map<String, String> TYPES =
      Map.of(
          "httpchk", "http",
          "tcp-check", "tcp",
          "pgsql-check", "postgresql",
          "redis-check", "redis",
          "mysql-check", "mysql",
          "smtpchk", "tcp",
          "ssl-hello-chk", "tcp",
          "ldap-check", "tcp",
          "spop-check", "tcp",
          "external-check", "tcp");

  private static final Set<String> DATABASES = Set.of("postgresql", "mysql", "redis");

  /** Keywords of rules, by the option that they belong to. */
  private static final Map<String, String> RULES =
      Map.of("httpchk", "http-check", "tcp-check", "tcp-check");

  /** Rules that use the connection: before the first of them one is opened. */
  private static final Set<String> EXCHANGE =
      Set.of("connect", "send", "send-lf", "send-binary", "send-binary-lf", "expect");

  /** Options of a connection that a check has not here. */
  private static final Set<String> WITHOUT =
      Set.of("addr", "sni", "alpn", "proto", "socks4", "via-socks4");

  /** Parameters of a server that count for the pool, as the first checked one has them. */
  private static final List<String> SHARED =
      List.of(
          "inter fastinter downinter rise fall check-ssl no-check-ssl check-send-proxy".split(" "));

  /** Intervals: the parameter of a server, and the setting. */
  private static final List<List<String>> INTERVALS =
      List.of(
          List.of("inter", "interval"),
          List.of("fastinter", "fast-interval"),
          List.of("downinter", "down-interval"));

  private static final int HIGHEST_COUNT = 100;

  private static final Duration SHORTEST_INTERVAL = Duration.ofMillis(10);
  private static final Duration LONGEST_INTERVAL = Duration.ofHours(24);
  private static final Duration SHORTEST_TIMEOUT = Duration.ofMillis(1);
  private static final Duration LONGEST_TIMEOUT = Duration.ofHours(1);

  private static final String MANUAL =
      "failback is manual with a check of a database: an operator gives a server that returns its"
          + " role back, where HAProxy does so at once";

  private static final String PROVES_ROLE =
      "the check proves the role, so failback is manual: a server that returns with the role while"
          + " another serves is not followed (two primaries), where HAProxy follows it";

  private final Context context;
  private final Ledger ledger;
  private final Proxy proxy;
  private final List<ServerLine> servers;

  /** Whether the role may return to a server. */
  private final boolean failsBack;

  /** The server whose parameters count; absent if none is checked. */
  private final Optional<ServerLine> first;

  /** Lines that choose a kind, in order: the last one counts. */
  private final List<Statement> options;

  /** The option that counts; empty: none. */
  private final String kind;

  private final String type;

  /** The rules of the first connection. */
  private final List<Statement> rules = new ArrayList<>();

  /** Those of the connections behind it. */
  private final List<Statement> otherRules = new ArrayList<>();

  /** The words of {@code connect}; empty: there is none. */
  private final List<String> connect;

  /** Whether {@code connect} decides alone on TLS and the PROXY header, whatever servers have. */
  private final boolean ruled;

  /** Ports at which servers are checked; 0: their own. */
  private final List<Integer> ports;

  private final YamlMap health = YamlMap.block();

  HealthCheck(Context context, Proxy proxy, List<ServerLine> servers, boolean failover) {
    this.context = context;
    ledger = context.ledger;
    this.proxy = proxy;
    this.servers = servers;
    failsBack = failover && servers.size() > 1;
    first = servers.stream().filter(ServerLine::isChecked).findFirst();
    options =
        proxy.statements().stream()
            .filter(each -> each.begins("option") && TYPES.containsKey(each.word(1)))
            .toList();
    options.forEach(each -> proxy.takeAll("option", each.word(1)));
    kind =
        options.isEmpty() || options.getLast().prefix() != Statement.Prefix.NONE
            ? ""
            : options.getLast().word(1);
    type = TYPES.getOrDefault(kind, "tcp");
    if (first.isPresent() && RULES.containsKey(kind)) {
      split(proxy.takeAll(RULES.getOrDefault(kind, "")));
    }
    connect = rules("connect").findFirst().map(each -> each.from(1)).orElse(List.of());
    ruled = !connect.isEmpty() && !connect.contains("default");
    ports =
        servers.stream()
            .filter(ServerLine::isChecked)
            .map(ServerLine::checkPort)
            .distinct()
            .toList();
  }

  /** Tells the rules of the first connection from others; own ones replace inherited ones. */
  private void split(List<Statement> all) {
    List<Statement> own = all.stream().filter(proxy::isOwn).toList();
    boolean begun = false;
    for (Statement rule : own.isEmpty() ? all : own) {
      boolean next = begun && rule.word(1).equals("connect");
      (next || !otherRules.isEmpty() ? otherRules : rules).add(rule);
      begun |= EXCHANGE.contains(rule.word(1));
    }
  }

  private Stream<Statement> rules(String action) {
    return rules.stream().filter(each -> each.word(1).equals(action));
  }

  /** Whether certificates do not matter, as a TLS hello is all that is sent. */
  boolean isHello() {
    return first.isPresent() && kind.equals("ssl-hello-chk");
  }

  /** Whether checks speak TLS to servers that do not. */
  boolean isTlsOfItsOwn() {
    return !isSecured() && ruledTls().or(this::serversTls).orElse(false);
  }

  private boolean isSecured() {
    return servers.stream().anyMatch(each -> each.has("ssl"));
  }

  /** Whether checks speak TLS by the option and the rules; absent: they leave it to servers. */
  private Optional<Boolean> ruledTls() {
    boolean tls = isHello() || connect.contains("ssl");
    return tls || (ruled && isSecured()) ? Optional.of(tls) : Optional.empty();
  }

  /** The same by the line of the first server; absent: as traffic. */
  private Optional<Boolean> serversTls() {
    return first
        .filter(
            line ->
                !ruled
                    && (line.has("ssl")
                        ? line.has("no-check-ssl")
                            || (line.isCheckedElsewhere() && !line.has("check-ssl"))
                        : line.has("check-ssl")))
        .map(line -> !line.has("ssl"));
  }

  private Optional<Long> ruledPort() {
    return rules("connect")
        .map(rule -> rule.after("port"))
        .filter(port -> port.matches("[0-9]{1,5}"))
        .map(Long::valueOf)
        .findFirst();
  }

  /** Adds {@code health} to a pool, and judges what it comes from. */
  void addTo(YamlMap pool) {
    first.ifPresentOrElse(this::addCheck, this::addUnchecked);
    pool.put("health", health);
  }

  private void addUnchecked() {
    List<Statement> unneeded = new ArrayList<>(options.stream().filter(proxy::isOwn).toList());
    RULES.values().forEach(each -> unneeded.addAll(proxy.takeAll(each)));
    unneeded.addAll(proxy.takeAll("timeout", "check"));
    unneeded.forEach(each -> ledger.notNeeded(each, "no server has 'check'"));
    servers.forEach(
        each ->
            ledger.approximated(each.statement(), "checked by a connection, as it has no 'check'"));
    health.put(
        "type",
        YamlScalar.text("tcp"),
        List.of(
            "HAProxy takes servers without \"check\" for UP always; here each is checked by a",
            "connection."));
    servers.stream().filter(each -> each.has("agent-check")).findFirst().ifPresent(this::addAgent);
  }

  private void addCheck(ServerLine line) {
    if (type.equals("http")) {
      List<CheckExpectation> expected = addRules(YamlList.block());
      addHttp(options.getLast(), expected);
    } else {
      addOption(List.of());
      YamlList steps = YamlList.block();
      addRules(steps);
      if (!steps.isEmpty()) {
        health.put("steps", steps);
      }
    }
    otherRules.forEach(
        each ->
            ledger.unsupported(
                each,
                "left out: a check is one connection here, the first; a pool of its own can check"
                    + " the other"));
    RULES.forEach(this::judgeUnread);
    servers.forEach(each -> judge(each, line));
    addShared(line);
    addAgent(line);
  }

  /** Judges rules of a kind of check that is not made. */
  private void judgeUnread(String option, String keyword) {
    String why =
        kind.isEmpty()
            ? "there is no 'option " + option + "'"
            : "'option " + kind + "' chooses another kind of check";
    proxy.takeAll(keyword).stream()
        .filter(each -> proxy.isOwn(each) && !option.equals(kind))
        .forEach(each -> ledger.notNeeded(each, why));
  }

  /** Adds the type of the check, and what its option has beside. */
  private void addOption(List<Statement> sends) {
    options.stream()
        .filter(each -> !each.equals(options.getLast()))
        .forEach(each -> proxy.replaced(each, options.getLast()));
    if (kind.isEmpty()) {
      options.stream()
          .skip(Math.max(0, options.size() - 1))
          .forEach(each -> ledger.notNeeded(each, "turns off what is off here"));
      health.put("type", "tcp");
      return;
    }
    Statement option = options.getLast();
    List<String> comments = new ArrayList<>(List.of(option.source()));
    sends.forEach(each -> comments.add(each.source()));
    health.put("type", YamlScalar.text(type), comments);
    ledger.row(option, "option", kind);
    if (DATABASES.contains(type)) {
      String user = option.after("user");
      if (!user.isEmpty() || type.equals("postgresql")) {
        health.put("user", user.isEmpty() ? "postgres" : user);
      }
      keepsRole(option, MANUAL);
    }
    if (isHello()) {
      health.put("tls", true);
    }
  }

  /** The serving server keeps the role, where HAProxy gives it back. */
  private void keepsRole(Statement line, String why) {
    if (failsBack) {
      ledger.approximated(line, why);
      context.remark("Pool " + context.pools.of(proxy.name()) + ": " + why + ".");
    }
  }

  /** Adds the rules of the connection; returns what is expected of a response. */
  private List<CheckExpectation> addRules(YamlList steps) {
    List<CheckExpectation> expected = new ArrayList<>();
    if (kind.equals("smtpchk")) {
      Statement option = options.getLast();
      String hello = option.size() > 2 ? option.word(2) : "HELO";
      String domain = option.size() > 3 ? option.word(3) : "localhost";
      addStep("expect", YamlMap.flow().put("text", "220"), List.of(), steps);
      addStep("send", YamlScalar.text(hello + " " + domain + "\r\n"), List.of(), steps);
      addStep("expect", YamlMap.flow().put("text", "250"), List.of(), steps);
    }
    for (Statement rule : rules) {
      switch (rule.word(1)) {
        case "connect" -> addConnection(rule);
        case "expect" -> {
          CheckExpectation expectation = CheckExpectation.of(rule);
          expectation.judge(ledger);
          expectation.yaml().ifPresent(each -> {
            expected.add(expectation);
            addStep("expect", each, List.of(rule.source()), steps);
            if (expectation.isOfMaster()) {
              keepsRole(rule, PROVES_ROLE);
            }
          });
        }
        case "send", "send-binary" -> addSend(rule, steps);
        default -> ledger.row(rule, rule.keyword(), rule.word(1));
      }
    }
    return expected;
  }

  private void addConnection(Statement rule) {
    ruledPort()
        .ifPresent(
            port -> health.put("port", YamlScalar.number(port), List.of(rule.source())));
    ruledTls().ifPresent(tls -> health.put("tls", tls));
    if (connect.contains("send-proxy")) {
      health.put("proxy-protocol", true);
    }
    List<String> leftOut = connect.stream().filter(WITHOUT::contains).toList();
    if (leftOut.isEmpty()) {
      ledger.row(rule, rule.keyword(), "connect");
    } else {
      ledger.unsupported(
          rule,
          "without "
              + String.join(", ", leftOut)
              + ": checks go to the address of the server, or to its health-host, and name"
              + " tls.server-name of the pool in TLS");
    }
  }

  private void addSend(Statement rule, YamlList steps) {
    if (type.equals("http")) {
      return;
    }
    String bytes = rule.word(2);
    if (bytes.isEmpty()) {
      ledger.problem(rule, "expected a text to send");
    } else {
      ledger.row(rule, rule.keyword(), rule.word(1));
      String step = rule.word(1).equals("send") ? "send" : "send-hex";
      addStep(step, YamlScalar.text(bytes), List.of(rule.source()), steps);
    }
  }

  private static void addStep(
      String name, YamlNode value, List<String> comments, YamlList steps) {
    steps.add(YamlMap.flow().put(name, value), comments);
  }

  private void addHttp(Statement option, List<CheckExpectation> expected) {
    List<Statement> sends = rules("send").toList();
    CheckRequest request = new CheckRequest(option, sends);
    addOption(sends);
    request.judge(ledger);
    request.addTo(health);
    boolean patroni = proxy.isTcp() && RoleProof.isPatroni(request.target());
    if (patroni && rules.stream().noneMatch(each -> each.from(2).contains("503"))) {
      keepsRole(option, PROVES_ROLE);
    }
    if (!expected.isEmpty()) {
      addExpected(expected);
    }
  }

  private void addExpected(List<CheckExpectation> expected) {
    List<YamlMap> all = new ArrayList<>();
    List<String> comments = new ArrayList<>();
    for (CheckExpectation each : expected) {
      each.yaml().ifPresent(all::add);
      comments.add(each.line().source());
    }
    if (all.stream().noneMatch(each -> each.has("status"))) {
      comments.add("(with such a rule HAProxy ignores the status)");
      if (all.size() > 1) {
        all.add(YamlMap.flow());
      }
      all.getLast().put("status", "100-599");
    }
    YamlList list = YamlList.block();
    all.forEach(each -> list.add(each, List.of()));
    health.put("expect", all.size() == 1 ? all.getFirst() : list, comments);
  }

  private void judge(ServerLine server, ServerLine model) {
    Statement line = server.statement();
    boolean ownPort = ports.size() != 1 || server.isChecked();
    if (ruledPort().isEmpty() && ownPort && !server.isCheckPortValid()) {
      ledger.unsupported(
          line,
          "checked at its own port: expected one up to 65535, found '"
              + server.value("port")
              + "'");
    }
    if (server.find("addr").isPresent() && server.checkAddress().isEmpty()) {
      ledger.unsupported(
          line, "checked at its own address: '" + server.value("addr") + "' is no host");
    }
    if (!server.isChecked()) {
      ledger.approximated(line, "checked as the other servers, though it has no 'check'");
      return;
    }
    SHARED.stream()
        .filter(each -> !server.value(each).equals(model.value(each)))
        .forEach(
            each ->
                ledger.approximated(
                    line, "'" + each + "' of server " + model.name() + " counts for the pool"));
  }

  /** Adds what the line of the first checked server has for all. */
  private void addShared(ServerLine line) {
    boolean elsewhere = line.isCheckedElsewhere();
    if (ruledPort().isEmpty() && ports.size() == 1 && ports.getFirst() > 0) {
      health.put("port", ports.getFirst());
    }
    if (ruledTls().isEmpty()) {
      serversTls().ifPresent(tls -> health.put("tls", tls));
    }
    boolean asTraffic = line.proxyProtocol().isPresent() && !elsewhere;
    if (!ruled
        && !connect.contains("send-proxy")
        && (line.has("check-send-proxy") || asTraffic)) {
      health.put("proxy-protocol", true);
    }
    for (List<String> each : INTERVALS) {
      TimeText.within(line.value(each.getFirst()), SHORTEST_INTERVAL, LONGEST_INTERVAL)
          .ifPresent(time -> health.put(each.getLast(), time));
    }
    proxy
        .take("timeout", "check")
        .ifPresent(
            timeout -> {
              ledger.row(timeout, "timeout", "check");
              TimeText.within(timeout.word(2), SHORTEST_TIMEOUT, LONGEST_TIMEOUT)
                  .map(YamlScalar::text)
                  .ifPresent(time -> health.put("timeout", time, List.of(timeout.source())));
            });
    addCount("fall", line);
    addCount("rise", line);
  }

  private void addCount(String name, ServerLine line) {
    String text = line.value(name);
    if (text.matches("[1-9][0-9]*")) {
      boolean fits = text.matches("[0-9]{1,2}|100");
      health.put(name, fits ? Long.parseLong(text) : HIGHEST_COUNT);
      if (!fits) {
        ledger.approximated(line.statement(), "`" + name + "`: at most " + HIGHEST_COUNT);
      }
    } else if (!text.isEmpty()) {
      ledger.problem(
          line.statement(), "expected a number after " + name + ", found '" + text + "'");
    }
  }

  private void addAgent(ServerLine line) {
    String port = line.value("agent-port");
    if (line.has("agent-check") && port.matches("[0-9]{1,5}")) {
      YamlMap agent = YamlMap.flow().put("port", Long.parseLong(port));
      line.find("agent-addr").ifPresent(each -> agent.put("host", each));
      TimeText.parse(line.value("agent-inter"))
          .ifPresent(each -> agent.put("interval", TimeText.ours(each)));
      line.find("agent-send").ifPresent(each -> agent.put("send", each));
      health.put("agent", agent);
    }
  }

  /** Adds where a server is checked, unless the pool has it. */
  void addPlace(ServerLine server, YamlMap yaml) {
    if (first.isPresent()) {
      if (ruledPort().isEmpty() && ports.size() != 1 && server.checkPort() > 0) {
        yaml.put("health-port", server.checkPort());
      }
      server
          .checkAddress()
          .ifPresent(each -> yaml.put("health-host", each.host().replaceAll("[\\[\\]]", "")));
    }
  }
}
