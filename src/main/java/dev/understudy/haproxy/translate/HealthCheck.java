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

  /** Steps, by the rule. */
  private static final Map<String, String> SENDS = Map.of("send", "send", "send-binary", "send-hex");

  /** Options of a connection that a check has not here. */
  private static final Set<String> WITHOUT =
      Set.of("addr", "sni", "alpn", "proto", "socks4", "via-socks4");

  /** Parameters of a server that count for the pool, as the first checked one has them. */
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

  /** A parameter of a server with a time, and its setting. */
  private record Interval(String parameter, String setting) {}

  private static final List<Interval> INTERVALS =
      List.of(
          new Interval("inter", "interval"),
          new Interval("fastinter", "fast-interval"),
          new Interval("downinter", "down-interval"));

  private static final List<String> COUNTS = List.of("fall", "rise");
  private static final int HIGHEST_COUNT = 100;

  private static final Duration SHORTEST_INTERVAL = Duration.ofMillis(10);
  private static final Duration LONGEST_INTERVAL = Duration.ofHours(24);
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

  /** Lines that choose a kind, in order. */
  private final List<Statement> options;

  /** The option that counts; empty: none. */
  private final String kind;

  /** The rules of the first connection, and those of all others. */
  private final List<Statement> rules = new ArrayList<>();

  private final List<Statement> otherRules = new ArrayList<>();
  private final Optional<CheckRequest> request;
  private final Optional<Statement> connect;
  private final Optional<Statement> timeout;

  /** Ports at which servers are checked; 0: their own. */
  private final List<Integer> ports;

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
        first.isEmpty() || options.isEmpty() || options.getLast().prefix() != Statement.Prefix.NONE
            ? ""
            : options.getLast().word(1);
    if (RULES.containsKey(kind)) {
      split(proxy.takeAll(RULES.getOrDefault(kind, "")));
    }
    connect = rules("connect").findFirst();
    request =
        kind.equals("httpchk")
            ? Optional.of(new CheckRequest(options.getLast(), rules("send").toList()))
            : Optional.empty();
    timeout = first.flatMap(any -> proxy.take("timeout", "check"));
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

  private List<CheckExpectation> expectations() {
    return rules("expect").map(CheckExpectation::of).toList();
  }

  private String type() {
    return TYPES.getOrDefault(kind, "tcp");
  }

  /** Whether certificates do not matter, as a TLS hello is all that is sent. */
  boolean isHello() {
    return kind.equals("ssl-hello-chk");
  }

  /** Whether checks speak TLS to servers that do not. */
  boolean isTlsOfItsOwn() {
    return !isSecured() && ruledTls().or(this::serversTls).orElse(false);
  }

  private boolean isSecured() {
    return servers.stream().anyMatch(each -> each.has("ssl"));
  }

  private List<String> connectOptions() {
    return connect.map(each -> each.from(2)).orElse(List.of());
  }

  /** Whether a {@code connect} decides alone on TLS and the PROXY header, whatever servers have. */
  private boolean isRuled() {
    return connect.isPresent() && !connectOptions().contains("default");
  }

  private Optional<String> ruledPort() {
    int at = connectOptions().indexOf("port") + 1;
    return connectOptions().stream()
        .skip(at)
        .findFirst()
        .filter(port -> at > 0 && port.matches("[0-9]{1,5}"));
  }

  /** Whether checks speak TLS by what the option and the rules say; absent: they say nothing. */
  private Optional<Boolean> ruledTls() {
    if (isHello() || connectOptions().contains("ssl")) {
      return Optional.of(true);
    }
    return isRuled() && isSecured() ? Optional.of(false) : Optional.empty();
  }

  /** The same by the server's line; absent: as traffic. */
  private Optional<Boolean> serversTls() {
    return first
        .filter(line -> !isRuled())
        .filter(line -> line.has("ssl") ? isPlain(line) : line.has("check-ssl"))
        .map(line -> !line.has("ssl"));
  }

  private static boolean isPlain(ServerLine line) {
    return line.has("no-check-ssl") || (isElsewhere(line) && !line.has("check-ssl"));
  }

  /** Whether checks go to another port or host than traffic, so that they are not like it. */
  private static boolean isElsewhere(ServerLine line) {
    return line.has("port") || line.has("addr");
  }

  private boolean sendsProxyHeader() {
    return connectOptions().contains("send-proxy");
  }

  private boolean isProxyHeaderOf(ServerLine line) {
    return !isRuled()
        && !sendsProxyHeader()
        && (line.has("check-send-proxy")
            || (line.proxyProtocol().isPresent() && !isElsewhere(line)));
  }

  /** Gives the lines of the check their verdicts, and those of servers what the check means. */
  void judge() {
    if (first.isEmpty()) {
      judgeUnchecked();
      return;
    }
    if (!options.isEmpty()) {
      Statement last = options.getLast();
      options.subList(0, options.size() - 1).forEach(each -> proxy.replaced(each, last));
      judgeOption(last);
    }
    rules.forEach(this::judgeRule);
    request.ifPresent(each -> each.judge(ledger));
    otherRules.forEach(
        each ->
            ledger.unsupported(
                each,
                "left out: a check is one connection here, the first; a pool of its own can check"
                    + " the other"));
    RULES.forEach(this::judgeUnread);
    timeout.ifPresent(each -> ledger.row(each, "timeout", "check"));
    servers.forEach(each -> judge(each, first.get()));
  }

  private void judgeUnchecked() {
    List<Statement> unneeded = new ArrayList<>(options.stream().filter(proxy::isOwn).toList());
    RULES.values().forEach(each -> unneeded.addAll(proxy.takeAll(each)));
    unneeded.addAll(proxy.takeAll("timeout", "check"));
    unneeded.forEach(each -> ledger.notNeeded(each, "no server has 'check'"));
    servers.forEach(
        each ->
            ledger.approximated(each.statement(), "checked by a connection, as it has no 'check'"));
  }

  private void judgeOption(Statement option) {
    if (kind.isEmpty()) {
      ledger.notNeeded(option, "turns off what is off here");
      return;
    }
    ledger.row(option, "option", kind);
    if (DATABASES.contains(type())) {
      keepsRole(option, MANUAL);
    }
    boolean patroni =
        proxy.isTcp() && request.filter(each -> RoleProof.isPatroni(each.target())).isPresent();
    if (patroni && rules.stream().noneMatch(each -> each.from(2).contains("503"))) {
      keepsRole(option, PROVES_ROLE);
    }
  }

  /** The serving server keeps the role, where HAProxy gives it back. */
  private void keepsRole(Statement line, String why) {
    if (failsBack) {
      ledger.approximated(line, why);
      context.remark("Pool " + context.pools.of(proxy.name()) + ": " + why + ".");
    }
  }

  private void judgeRule(Statement rule) {
    String action = rule.word(1);
    if (action.equals("connect")) {
      judgeConnect(rule);
    } else if (action.equals("expect")) {
      judgeExpect(CheckExpectation.of(rule));
    } else if (request.isEmpty() && SENDS.containsKey(action) && rule.word(2).isEmpty()) {
      ledger.problem(rule, "expected a text to send");
    } else if (request.isEmpty() || !action.equals("send")) {
      ledger.row(rule, rule.keyword(), action);
    }
  }

  private void judgeConnect(Statement rule) {
    List<String> leftOut = connectOptions().stream().filter(WITHOUT::contains).toList();
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

  private void judgeExpect(CheckExpectation expectation) {
    if (request.isPresent()) {
      expectation.judgeResponse(ledger);
      return;
    }
    expectation.judgeBytes(ledger);
    boolean role = RoleProof.isOfMaster(expectation.value().text());
    if (role && !expectation.not() && expectation.ofBytes().isPresent()) {
      keepsRole(expectation.line(), PROVES_ROLE);
    }
  }

  /** Judges rules of a kind of check that is not made. */
  private void judgeUnread(String option, String keyword) {
    if (!option.equals(kind)) {
      String why =
          kind.isEmpty()
              ? "there is no 'option " + option + "'"
              : "'option " + kind + "' chooses another kind of check";
      proxy.takeAll(keyword).stream()
          .filter(proxy::isOwn)
          .forEach(each -> ledger.notNeeded(each, why));
    }
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
    } else if (server.equals(model)) {
      COUNTS.forEach(each -> judgeCount(server, each));
    } else {
      SHARED.stream()
          .filter(each -> !server.value(each).equals(model.value(each)))
          .forEach(
              each ->
                  ledger.approximated(
                      line, "'" + each + "' of server " + model.name() + " counts for the pool"));
    }
  }

  private void judgeCount(ServerLine server, String name) {
    String text = server.value(name);
    if (count(text).isEmpty() && !text.isEmpty()) {
      ledger.problem(
          server.statement(), "expected a number after " + name + ", found '" + text + "'");
    } else if (count(text).filter(each -> each > HIGHEST_COUNT).isPresent()) {
      ledger.approximated(server.statement(), "`" + name + "`: at most " + HIGHEST_COUNT);
    }
  }

  /** A number of probes, of large ones any that is too large; absent if the text is none. */
  private static Optional<Integer> count(String text) {
    return Optional.of(text.substring(0, Math.min(4, text.length())))
        .filter(digits -> text.matches("[1-9][0-9]*"))
        .map(Integer::valueOf);
  }

  /** Adds {@code health} to a pool. */
  void addTo(YamlMap pool) {
    YamlMap health = YamlMap.block();
    if (first.isEmpty()) {
      health.put(
          "type",
          YamlScalar.text("tcp"),
          List.of(
              "HAProxy takes servers without \"check\" for UP always; here each is checked by a",
              "connection."));
    } else if (request.isPresent()) {
      addConnection(health);
      addType(health);
      request.get().addTo(health);
      addExpectations(health);
      addShared(health, first.get());
    } else {
      addType(health);
      addConnection(health);
      addSteps(health);
      addShared(health, first.get());
    }
    first
        .or(() -> servers.stream().filter(each -> each.has("agent-check")).findFirst())
        .ifPresent(each -> addAgent(health, each));
    pool.put("health", health);
  }

  private void addType(YamlMap health) {
    List<String> comments = new ArrayList<>();
    if (!kind.isEmpty()) {
      comments.add(options.getLast().source());
    }
    if (request.isPresent()) {
      rules("send").forEach(each -> comments.add(each.source()));
    }
    health.put("type", YamlScalar.text(type()), comments);
    if (DATABASES.contains(type())) {
      Statement option = options.getLast();
      int user = option.from(0).indexOf("user");
      if (user >= 0) {
        health.put("user", option.word(user + 1));
      } else if (type().equals("postgresql")) {
        health.put("user", "postgres");
      }
    }
  }

  private void addConnection(YamlMap health) {
    List<String> comments = connect.stream().map(Statement::source).toList();
    ruledPort()
        .ifPresent(each -> health.put("port", YamlScalar.number(Long.parseLong(each)), comments));
    ruledTls().ifPresent(each -> health.put("tls", each));
    if (sendsProxyHeader()) {
      health.put("proxy-protocol", true);
    }
  }

  private void addExpectations(YamlMap health) {
    List<YamlMap> all = new ArrayList<>();
    List<String> comments = new ArrayList<>();
    for (CheckExpectation each : expectations()) {
      each.ofResponse()
          .ifPresent(
              rule -> {
                all.add(rule);
                comments.add(each.line().source());
              });
    }
    if (all.isEmpty()) {
      return;
    }
    if (all.stream().noneMatch(each -> each.has("status"))) {
      comments.add("(with such a rule HAProxy ignores the status)");
      String any = "100-599";
      if (all.size() == 1) {
        all.getFirst().put("status", any);
      } else {
        all.add(YamlMap.flow().put("status", any));
      }
    }
    YamlList list = YamlList.block();
    all.forEach(each -> list.add(each, List.of()));
    health.put("expect", all.size() == 1 ? all.getFirst() : list, comments);
  }

  private void addSteps(YamlMap health) {
    YamlList steps = YamlList.block();
    if (kind.equals("smtpchk")) {
      Statement option = options.getLast();
      String hello = option.size() > 2 ? option.word(2) : "HELO";
      String domain = option.size() > 3 ? option.word(3) : "localhost";
      steps.add(step("expect", YamlMap.flow().put("text", "220")), List.of());
      steps.add(step("send", YamlScalar.text(hello + " " + domain + "\r\n")), List.of());
      steps.add(step("expect", YamlMap.flow().put("text", "250")), List.of());
    }
    for (Statement rule : rules) {
      String send = SENDS.get(rule.word(1));
      Optional<YamlMap> step =
          send != null
              ? Optional.of(step(send, YamlScalar.text(rule.word(2))))
              : rule.word(1).equals("expect")
                  ? CheckExpectation.of(rule).ofBytes().map(each -> step("expect", each))
                  : Optional.empty();
      step.ifPresent(each -> steps.add(each, List.of(rule.source())));
    }
    if (!steps.isEmpty()) {
      health.put("steps", steps);
    }
  }

  private static YamlMap step(String name, YamlNode value) {
    return YamlMap.flow().put(name, value);
  }

  /** Adds what the line of the first checked server has for all. */
  private void addShared(YamlMap health, ServerLine line) {
    if (ruledPort().isEmpty() && ports.size() == 1 && ports.getFirst() > 0) {
      health.put("port", ports.getFirst());
    }
    if (ruledTls().isEmpty()) {
      serversTls().ifPresent(each -> health.put("tls", each));
    }
    if (isProxyHeaderOf(line)) {
      health.put("proxy-protocol", true);
    }
    INTERVALS.forEach(
        each ->
            TimeText.within(line.value(each.parameter()), SHORTEST_INTERVAL, LONGEST_INTERVAL)
                .ifPresent(time -> health.put(each.setting(), time)));
    timeout.ifPresent(
        each ->
            TimeText.within(each.word(2), Duration.ofMillis(1), LONGEST_TIMEOUT)
                .ifPresent(
                    time ->
                        health.put("timeout", YamlScalar.text(time), List.of(each.source()))));
    COUNTS.forEach(
        name ->
            count(line.value(name))
                .ifPresent(number -> health.put(name, Math.min(number, HIGHEST_COUNT))));
  }

  private static void addAgent(YamlMap health, ServerLine line) {
    String port = line.value("agent-port");
    if (!line.has("agent-check") || !port.matches("[0-9]{1,5}")) {
      return;
    }
    YamlMap agent = YamlMap.flow().put("port", Long.parseLong(port));
    line.find("agent-addr").ifPresent(each -> agent.put("host", each));
    TimeText.parse(line.value("agent-inter"))
        .ifPresent(each -> agent.put("interval", TimeText.ours(each)));
    line.find("agent-send").ifPresent(each -> agent.put("send", each));
    health.put("agent", agent);
  }

  /** Adds where a server is checked, unless the pool has it. */
  void addPlace(ServerLine server, YamlMap yaml) {
    if (first.isEmpty()) {
      return;
    }
    if (ruledPort().isEmpty() && ports.size() != 1 && server.checkPort() > 0) {
      yaml.put("health-port", server.checkPort());
    }
    server
        .checkAddress()
        .ifPresent(each -> yaml.put("health-host", each.host().replaceAll("[\\[\\]]", "")));
  }
}
