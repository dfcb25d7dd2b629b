package dev.understudy.haproxy.translate;

import dev.understudy.haproxy.syntax.Statement;
import dev.understudy.haproxy.yaml.YamlNode.YamlList;
import dev.understudy.haproxy.yaml.YamlNode.YamlMap;
import dev.understudy.pool.RoleProof;
import dev.understudy.pool.UnitParser;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;

/** Translates a backend's check into {@code health} of its pool, and judges its lines. */
final class HealthTranslation extends SectionTranslation {
  private static final Set<String> DATABASES = Set.of("postgresql", "mysql", "redis");

  /** Options of a connection that a check has not here. */
  private static final Set<String> WITHOUT =
      Set.of("addr", "sni", "alpn", "proto", "socks4", "via-socks4");

  /** Parameters of a server that count for the pool, as the first checked one has them. */
  private static final List<String> SHARED =
      List.of(
          "inter fastinter downinter rise fall check-ssl no-check-ssl check-send-proxy".split(" "));

  /** The parameter that names a section instead of the backend's check. */
  private static final String SECTION = "healthcheck";

  /** Parameters that decide which agent a server has. */
  private static final List<String> OF_AGENTS = List.of("agent-port", "agent-addr", "agent-send");

  private static final int HIGHEST_COUNT = 100;

  private static final String MANUAL =
      "failback is manual with a check of a database: an operator gives the role back to a server"
          + " that returns; HAProxy does so at once";

  private static final String PROVES_ROLE =
      "the check proves the role, so failback is manual: a server that returns with the role while"
          + " another serves gets no requests (two primaries); HAProxy sends it requests";

  private final BackendCheck check;

  /** Whether the role may return to a server. */
  private final boolean failsBack;

  private final YamlMap health = YamlMap.block();

  HealthTranslation(ProxySection proxy, BackendCheck check, boolean failover) {
    super(proxy);
    this.check = check;
    failsBack = failover && check.servers.size() > 1;
  }

  /** Adds {@code health} to a pool, and judges what it comes from. */
  void addTo(YamlMap pool) {
    check.options.forEach(each -> proxy.takeAll("option", each.word(1)));
    check.section.ifPresent(each -> Healthchecks.replace(proxy, each));
    check.first.ifPresentOrElse(this::addCheck, this::addUnchecked);
    addAgent();
    pool.put("health", health);
  }

  private void addUnchecked() {
    List<Statement> unneeded =
        new ArrayList<>(check.options.stream().filter(proxy::isOwn).toList());
    BackendCheck.RULES.values().forEach(each -> unneeded.addAll(proxy.takeAll(each)));
    unneeded.addAll(proxy.takeAll("timeout", "check"));
    unneeded.forEach(each -> ledger.notNeeded(each, "no server has 'check'"));
    check.servers.forEach(
        each ->
            ledger.approximated(each.statement(), "checked by a connection, as it has no 'check'"));
    health.put(
        "type",
        "tcp",
        List.of(
            "For HAProxy, servers without \"check\" are always UP; here each is checked by a",
            "connection."));
  }

  private void addCheck(ServerLine line) {
    if (check.isHttp()) {
      List<CheckExpectation> expected = addRules(YamlList.block());
      addHttp(check.options.getLast(), expected);
    } else {
      addOption(List.of());
      YamlList steps = YamlList.block();
      addRules(steps);
      if (!steps.isEmpty()) {
        health.put("steps", steps);
      }
    }
    check.otherRules.forEach(
        each ->
            ledger.unsupported(
                each,
                "left out: a check has one connection here, the first one; a separate pool can"
                    + " check the other"));
    BackendCheck.RULES.forEach(this::judgeUnread);
    check.servers.forEach(each -> judge(each, line));
    addShared(line);
  }

  /** Judges rules of a kind of check that is not made. */
  private void judgeUnread(String option, String keyword) {
    String why =
        check.kind.isEmpty()
            ? "there is no 'option " + option + "'"
            : "'option " + check.kind + "' chooses another kind of check";
    proxy.takeAll(keyword).stream()
        .filter(each -> proxy.isOwn(each) && !option.equals(check.kind))
        .forEach(each -> ledger.notNeeded(each, why));
  }

  /** Adds the type of the check, and what its option has beside. */
  private void addOption(List<Statement> sends) {
    check.options.stream()
        .filter(each -> !each.equals(check.options.getLast()))
        .forEach(each -> proxy.replaced(each, check.options.getLast()));
    if (check.kind.isEmpty()) {
      health.put("type", "tcp");
      check.options.stream()
          .skip(Math.max(0, check.options.size() - 1))
          .forEach(each -> ledger.notNeeded(each, "turns off what is off here anyway"));
      return;
    }
    Statement option = check.options.getLast();
    List<String> comments = new ArrayList<>(List.of(option.source()));
    sends.forEach(each -> comments.add(each.source()));
    health.put("type", check.type(), comments);
    ledger.row(option, "option", check.kind);
    if (DATABASES.contains(check.type())) {
      String user = option.after("user");
      if (!user.isEmpty() || check.type().equals("postgresql")) {
        health.put("user", user.isEmpty() ? "postgres" : user);
      }
      keepsRole(option, MANUAL);
    }
    if (check.isHello()) {
      health.put("tls", true);
    }
  }

  /** The serving server keeps the role, where HAProxy gives it back. */
  private void keepsRole(Statement line, String why) {
    if (failsBack) {
      ledger.approximated(line, why);
      context.remarks.add("Pool " + context.pools.of(proxy.name()) + ": " + why + ".");
    }
  }

  /** Adds the rules of the connection; returns what is expected of a response. */
  private List<CheckExpectation> addRules(YamlList steps) {
    List<CheckExpectation> expected = new ArrayList<>();
    if (check.kind.equals("smtpchk")) {
      Statement option = check.options.getLast();
      String hello = option.size() > 2 ? option.word(2) : "HELO";
      String domain = option.size() > 3 ? option.word(3) : "localhost";
      addStep("expect", YamlMap.flow().put("text", "220"), List.of(), steps);
      addStep("send", hello + " " + domain + "\r\n", List.of(), steps);
      addStep("expect", YamlMap.flow().put("text", "250"), List.of(), steps);
    }
    for (Statement rule : check.rules) {
      switch (rule.word(1)) {
        case "connect" -> addConnection(rule);
        case "expect" -> {
          CheckExpectation expectation = CheckExpectation.of(rule);
          expectation.judge(ledger);
          expectation
              .yaml()
              .ifPresent(
                  each -> {
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
    check.ruledPort().ifPresent(port -> health.put("port", port, List.of(rule.source())));
    check.ruledTls().ifPresent(tls -> health.put("tls", tls));
    if (check.isProxyHeaderRuled()) {
      health.put("proxy-protocol", true);
    }
    List<String> leftOut = rule.from(2).stream().filter(WITHOUT::contains).toList();
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
    if (check.isHttp()) {
      return;
    }
    String bytes = rule.word(2);
    if (bytes.isEmpty()) {
      ledger.problem(rule, "expected a text to send");
    } else {
      ledger.row(rule, rule.keyword(), rule.word(1));
      String step = rule.word(1).equals("send") ? "send" : "send-hex";
      addStep(step, bytes, List.of(rule.source()), steps);
    }
  }

  private static void addStep(String name, Object value, List<String> comments, YamlList steps) {
    steps.add(YamlMap.flow().put(name, value), comments);
  }

  private void addHttp(Statement option, List<CheckExpectation> expected) {
    List<Statement> sends = check.rules("send").toList();
    CheckRequest request = new CheckRequest(option, sends);
    if (!request.difference().isEmpty()) {
      ledger.approximated(option, request.difference());
    }
    addOption(sends);
    request.judge(ledger);
    request.addTo(health);
    boolean patroni = proxy.isTcp() && RoleProof.isPatroni(request.target());
    if (patroni && check.rules.stream().noneMatch(each -> each.from(2).contains("503"))) {
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
    if (check.isPortRead(server) && server.checkPort().isEmpty()) {
      String port = server.value("port");
      ledger.unsupported(
          line, "checked at its own port: expected one up to 65535, found '" + port + "'");
    }
    if (server.find("addr").isPresent() && server.checkAddress().isEmpty()) {
      ledger.unsupported(
          line, "checked at its own address: '" + server.value("addr") + "' is not a host");
    }
    if (!server.isChecked()) {
      ledger.approximated(line, "checked like the other servers, although it has no 'check'");
      return;
    }
    if (!server.value(SECTION).equals(model.value(SECTION))) {
      ledger.guardApproximated(
          line,
          "'healthcheck' of server "
              + model.name()
              + " counts for the pool: this server is judged by that check, or needs a pool of its"
              + " own");
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
    check.sharedPort().ifPresent(port -> health.put("port", port));
    check.serverTls().ifPresent(tls -> health.put("tls", tls));
    if (check.isProxyHeaderOfServer()) {
      health.put("proxy-protocol", true);
    }
    new CheckTimes(proxy).addTo(health, line);
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

  /** Adds the agent's check, if all servers with an agent have the same settings for it. */
  private void addAgent() {
    List<ServerLine> lines =
        check.servers.stream()
            .filter(
                each -> each.has("agent-check") && each.value("agent-port").matches("[0-9]{1,5}"))
            .toList();
    if (lines.isEmpty()) {
      return;
    }
    ServerLine first = lines.getFirst();
    boolean alike =
        lines.stream().map(line -> OF_AGENTS.stream().map(line::value).toList()).distinct().count()
            == 1;
    // An agent elsewhere would decide on a server that it does not know.
    if (!alike || (first.has("agent-addr") && lines.size() < check.servers.size())) {
      lines.forEach(
          each ->
              ledger.unsupported(
                  each.statement(),
                  "its agent is left out: the servers of a pool have one agent in common, or each"
                      + " has its own at the same port"));
      return;
    }
    YamlMap agent = YamlMap.flow().put("port", Long.parseLong(first.value("agent-port")));
    first.find("agent-addr").ifPresent(each -> agent.put("host", each));
    HaproxyTimes.parse(first.value("agent-inter"))
        .ifPresent(each -> agent.put("interval", UnitParser.text(each)));
    first.find("agent-send").ifPresent(each -> agent.put("send", each));
    health.put("agent", agent);
    for (ServerLine each : check.servers) {
      if (!lines.contains(each)) {
        ledger.approximated(
            each.statement(), "its agent is asked, too, if it has one at that port");
      } else if (!each.value("agent-inter").equals(first.value("agent-inter"))) {
        ledger.approximated(
            each.statement(), "'agent-inter' of server " + first.name() + " counts for the pool");
      }
    }
  }
}
