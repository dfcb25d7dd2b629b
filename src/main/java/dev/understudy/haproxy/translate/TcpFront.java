package dev.understudy.haproxy.translate;

import dev.understudy.haproxy.acl.AclTest;
import dev.understudy.haproxy.acl.Expression;
import dev.understudy.haproxy.acl.Expression.Compared;
import dev.understudy.haproxy.acl.Expression.Constant;
import dev.understudy.haproxy.acl.TcpClient;
import dev.understudy.haproxy.report.Ledger;
import dev.understudy.haproxy.syntax.Statement;
import dev.understudy.haproxy.syntax.SyntaxException;
import dev.understudy.haproxy.yaml.YamlMap;
import dev.understudy.haproxy.yaml.YamlNode;
import dev.understudy.haproxy.yaml.YamlScalar;
import java.time.Duration;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.stream.Collectors;

/** Translates a TCP frontend: what its listeners lead to. */
final class TcpFront {
  /** The bounds of {@code inspect-delay}. */
  private static final Duration LEAST_DELAY = Duration.ofMillis(1);

  private static final Duration MOST_DELAY = Duration.ofMinutes(10);

  private final Context context;
  private final Proxy proxy;
  private final Ledger ledger;
  private final Listeners listeners;
  private final Set<String> pools;
  private final FrontTerms terms;
  private final TcpRules rules;

  /** Numbers of lines that deny. */
  private final Set<String> guards = new LinkedHashSet<>();

  /** Lines that lead connections by what a listener cannot tell apart, with why, in order. */
  private final Map<Statement, String> undivided = new LinkedHashMap<>();

  /** Lines of several backends, of which a value chooses. */
  private final Set<Statement> named = new LinkedHashSet<>();

  private final List<Statement> delays = new ArrayList<>();

  /** Lines that refuse clients by what they send. */
  private final Set<Statement> refusing = new LinkedHashSet<>();

  TcpFront(Context context, Proxy proxy, Listeners listeners, Set<String> pools) {
    this.context = context;
    this.proxy = proxy;
    this.listeners = listeners;
    this.pools = pools;
    ledger = context.ledger;
    terms = new FrontTerms(context, listeners.ports());
    rules = new TcpRules(terms);
  }

  void translate() {
    requests(proxy);
    standard();
    leading();
    Optional<ClientTable> table = table();
    table.ifPresent(this::judge);
    Map<String, YamlNode> relay = table.map(this::relay).orElse(Map.of());
    table.stream()
        .flatMap(found -> found.backends().stream())
        .map(context::backend)
        .filter(each -> each != proxy)
        .forEach(this::requests);
    if (!guards.isEmpty()) {
      context.remark(
          "Nothing listens for '"
              + proxy.name()
              + "', because it limits who may connect (line "
              + String.join(", ", guards)
              + "), which a TCP listener cannot say. Limit clients by a firewall, then add the"
              + " listener.");
    } else if (!undivided.isEmpty()) {
      context.remark(
          "Nothing listens for '"
              + proxy.name()
              + "', because it leads connections by more than what clients send first (line "
              + undivided.keySet().stream()
                  .map(each -> Integer.toString(each.line()))
                  .collect(Collectors.joining(", "))
              + "), and all would come to one pool. Give each kind of client a port of its own.");
    } else if (relay.isEmpty()) {
      ledger.unsupported(proxy.header(), "no listener: it leads to no pool of TCP servers");
    } else {
      listeners.addTo(context.listenersYaml, relay);
    }
  }

  /**
   * Reads {@code tcp-request} lines. A frontend's own {@code content} lines tell clients apart; no
   * listener can say others that refuse, nor those of what it leads to.
   */
  private void requests(Proxy of) {
    for (Statement statement : of.takeAll("tcp-request")) {
      RuleLine rule = RuleLine.of(statement, 2);
      String action = RuleLine.actionName(rule.argument(0));
      boolean ofContent = of == proxy && statement.word(1).equals("content");
      switch (action) {
        case "reject", "silent-drop", "close" -> {
          if (ofContent) {
            refusing.add(statement);
            rules.refuse(statement, comparisons(statement, rule));
          } else {
            guard(of, statement, rule);
          }
        }
        case "accept" -> {
          if (ofContent) {
            rules.accept(statement, comparisons(statement, rule));
          }
          ledger.row(statement, "tcp-request", "accept");
        }
        default -> {
          if (!statement.word(1).equals("inspect-delay")) {
            ledger.row(statement, "tcp-request", action);
          } else if (of == proxy) {
            delays.add(statement);
          } else {
            ledger.notNeeded(statement, "the listener waits before it leads clients there");
          }
        }
      }
    }
  }

  private void guard(Proxy of, Statement statement, RuleLine rule) {
    Expression condition = Rules.plain(new Rules(context, of, terms).condition(rule));
    if (condition.equals(Constant.FALSE)) {
      ledger.notNeeded(statement, "its condition never holds here");
    } else {
      guard(statement);
    }
  }

  private void guard(Statement statement) {
    guards.add(Integer.toString(statement.line()));
    ledger.guardUnsupported(
        statement,
        "the listener is left out, so that nothing is served: a TCP listener cannot refuse"
            + " these clients; limit them by a firewall, then add the listener");
  }

  /** A rule's condition, with comparisons as leaves. */
  private Expression comparisons(Statement statement, RuleLine rule) {
    if (!rule.hasCondition()) {
      return Constant.TRUE;
    }
    try {
      Expression condition = proxy.acls().comparisons(rule.condition()).each(this::prepared);
      return rule.unless() ? Expression.not(condition) : condition;
    } catch (SyntaxException e) {
      ledger.problem(statement, e.text());
      return new Expression.Unknown(e.text());
    }
  }

  private Expression prepared(Expression leaf) {
    return leaf instanceof Compared compared
        ? TcpClient.prepared(compared.test(), terms, context.files)
        : leaf;
  }

  /** Reads the lines that lead to backends. */
  private void leading() {
    for (Statement statement : proxy.takeAll("use_backend")) {
      RuleLine rule = RuleLine.of(statement, 1);
      String backend = rule.argument(0);
      Expression condition = comparisons(statement, rule);
      if (backend.contains("%")) {
        byName(statement, condition, backend);
      } else if (isPool(statement, backend)) {
        rules.lead(statement, condition, backend);
      } else if (refuses(statement, backend)) {
        rules.lead(statement, condition, ClientTable.CLOSED);
      }
    }
  }

  private void standard() {
    Optional<Statement> standard = proxy.take("default_backend");
    if (standard.isPresent()) {
      String backend = standard.get().word(1);
      if (isPool(standard.get(), backend)) {
        rules.standard(backend);
        ledger.row(standard.get(), "proxy", "default_backend");
      } else if (context.backends.containsKey(backend)) {
        ledger.unsupported(
            standard.get(), "left out: the backend " + backend + " has no TCP server here");
      }
    } else if (proxy.isBack() && pools.contains(proxy.name())) {
      rules.standard(proxy.name());
    }
  }

  /** Leads to the backend that a server name names, all others to the default one. */
  private void byName(Statement statement, Expression condition, String text) {
    named.add(statement);
    try {
      for (BackendName.Choice choice : BackendName.of(context, text).ofServerNames()) {
        String backend = choice.backend();
        if (!backend.isEmpty() && !pools.contains(backend)) {
          throw new SyntaxException(0, "the backend " + backend + " has no TCP server here");
        }
        rules.lead(
            statement,
            Expression.all(List.of(condition, choice.when())),
            backend.isEmpty() ? rules.standard() : backend);
      }
      rules.lead(statement, condition, rules.standard());
    } catch (SyntaxException e) {
      undivided.put(statement, e.text());
    }
  }

  /** What tells clients apart; absent, with verdicts, if no listener can. */
  private Optional<ClientTable> table() {
    try {
      if (!undivided.isEmpty()) {
        throw new SyntaxException(0, "it depends on more");
      }
      List<AclTest> tests = rules.tests();
      List<Listeners.Planned> planned = listeners.planned();
      long ends = planned.stream().filter(each -> each.line().has("ssl")).count();
      if (ends > 0 && ends < planned.size() && !tests.isEmpty()) {
        throw new SyntaxException(0, "TLS ends at some of these listeners only");
      }
      return Optional.of(new ClientTable(tests, ends > 0, rules::backends));
    } catch (SyntaxException e) {
      leaveOut(e.text());
      return Optional.empty();
    }
  }

  private void leaveOut(String why) {
    delays.forEach(each -> ledger.notNeeded(each, "the listener is left out"));
    Map<Statement, Set<String>> undecided = rules.undecided();
    Set<Statement> blamed = new LinkedHashSet<>(undecided.keySet());
    if (blamed.isEmpty() && undivided.isEmpty()) {
      blamed.addAll(rules.conditional());
    }
    for (Statement each : rules.statements()) {
      Set<String> by = undecided.getOrDefault(each, Set.of());
      if (refusing.contains(each)) {
        guard(each);
      } else if (blamed.contains(each)) {
        undivided.putIfAbsent(each, by.isEmpty() ? why : why + " (" + String.join("; ", by) + ")");
      } else if (!undivided.containsKey(each)) {
        ledger.row(each, "proxy", "use_backend (tcp)");
      }
    }
    undivided.forEach(
        (statement, reason) ->
            ledger.guardUnsupported(
                statement,
                "the listener is left out, as these clients would be led where others are: TCP"
                    + " connections are led by their server name and first bytes only: "
                    + reason));
  }

  /** Judges the lines that refuse or lead, all of which a listener says. */
  private void judge(ClientTable table) {
    boolean isOne = table.serverNames().isEmpty() && table.protocols().isEmpty();
    for (Statement statement : rules.statements()) {
      boolean refuses = refusing.contains(statement);
      if (!rules.isReached(statement)) {
        ledger.notNeeded(
            statement,
            refuses ? "a line above accepts all" : "a line above leads every connection away");
      } else if (rules.undecided().containsKey(statement)
          || (isOne && !refuses && rules.conditional().contains(statement))) {
        ledger.notNeeded(statement, "it leads where all others go");
      } else if (!rules.holds(statement)) {
        ledger.notNeeded(statement, "its condition never holds here");
      } else if (!differences(statement, table).isEmpty()) {
        ledger.approximated(statement, String.join("; ", differences(statement, table)));
      } else if (refuses) {
        ledger.row(statement, "tcp-request", "reject");
      } else {
        ledger.row(
            statement,
            "proxy",
            rules.conditional().contains(statement) ? "use_backend (tcp)" : "use_backend");
      }
    }
  }

  private List<String> differences(Statement statement, ClientTable table) {
    List<String> how = new ArrayList<>();
    if (rules.asks(statement, TcpClient::isOfHttp)) {
      how.add(
          "http: HTTP is known by its request line, before its header fields, and HTTP/2 by prior"
              + " knowledge is HTTP too");
    }
    if (named.contains(statement)) {
      how.add(
          "server-names: one for each backend whose name it may be: one that is added needs its"
              + " own");
    }
    if (table.isNarrower() && rules.asks(statement, test -> !TcpClient.endings(test).isEmpty())) {
      how.add(
          "server-names: * stands for one label, where HAProxy takes any number: add the names"
              + " with more");
    }
    return how;
  }

  private Map<String, YamlNode> relay(ClientTable table) {
    Map<String, YamlNode> relay = new LinkedHashMap<>();
    if (!table.pool().equals(ClientTable.CLOSED)) {
      relay.put("pool", YamlScalar.text(context.pools.of(table.pool())));
    }
    put("server-names", table.serverNames(), relay);
    put("protocols", table.protocols(), relay);
    boolean inspects = relay.containsKey("server-names") || relay.containsKey("protocols");
    inspectDelay(inspects && listeners.planned().stream().noneMatch(e -> e.line().has("ssl")))
        .ifPresent(delay -> relay.put("inspect-delay", YamlScalar.text(TimeText.ours(delay))));
    return relay;
  }

  private void put(String setting, Map<String, String> backends, Map<String, YamlNode> relay) {
    if (!backends.isEmpty()) {
      YamlMap map = YamlMap.flow();
      backends.forEach((key, backend) -> map.put(key, context.pools.of(backend)));
      relay.put(setting, map);
    }
  }

  /** The last of the delays, if the listener has one. */
  private Optional<Duration> inspectDelay(boolean inspects) {
    Optional<Duration> last = Optional.empty();
    for (Statement statement : delays) {
      Optional<Duration> time = TimeText.parse(statement.word(2));
      if (time.isEmpty()) {
        ledger.problem(statement, "expected a time, found '" + statement.word(2) + "'");
      } else if (!inspects) {
        ledger.notNeeded(statement, "the listener does not look at what clients send");
      } else {
        last = time.map(each -> TimeText.within(each, LEAST_DELAY, MOST_DELAY));
        if (last.equals(time)) {
          ledger.row(statement, "tcp-request", "inspect-delay");
        } else {
          ledger.approximated(statement, "inspect-delay is from 1ms to 10m");
        }
      }
    }
    return inspects ? last : Optional.empty();
  }

  /** Whether a backend has no server, so that it refuses the clients that are led to it. */
  private boolean refuses(Statement statement, String backend) {
    Proxy proxy = context.backends.get(backend);
    if (proxy == null) {
      return false;
    }
    boolean isEmpty =
        !context.leftOut.contains(backend)
            && proxy.statements().stream().noneMatch(each -> each.keyword().startsWith("server"));
    if (!isEmpty) {
      guards.add(Integer.toString(statement.line()));
      ledger.guardUnsupported(
          statement,
          "the listener is left out: clients led to a backend without servers are refused, and"
              + " would be served here; limit clients by a firewall, then add the listener");
    }
    return isEmpty;
  }

  private boolean isPool(Statement statement, String backend) {
    if (!context.backends.containsKey(backend)) {
      ledger.problem(
          statement,
          "expected the name of a backend, found '"
              + backend
              + "'; there are "
              + (context.backends.isEmpty()
                  ? "none"
                  : String.join(", ", context.backends.keySet())));
      return false;
    }
    return pools.contains(backend);
  }
}
