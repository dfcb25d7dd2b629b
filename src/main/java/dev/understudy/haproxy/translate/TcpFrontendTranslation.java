package dev.understudy.haproxy.translate;

import dev.understudy.haproxy.acl.AclComparison;
import dev.understudy.haproxy.acl.TcpClient;
import dev.understudy.haproxy.acl.TranslatedCondition;
import dev.understudy.haproxy.acl.TranslatedCondition.Compared;
import dev.understudy.haproxy.syntax.Statement;
import dev.understudy.haproxy.syntax.SyntaxException;
import dev.understudy.haproxy.yaml.YamlNode.YamlMap;
import dev.understudy.pool.UnitParser;
import java.time.Duration;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;

/** Translates a TCP frontend: what its listeners lead to. */
final class TcpFrontendTranslation extends SectionTranslation {
  /** The bounds of {@code inspect-delay}. */
  private static final Duration LEAST_DELAY = Duration.ofMillis(1);

  private static final Duration MOST_DELAY = Duration.ofMinutes(10);

  private static final Set<String> REFUSING = Set.of("reject", "silent-drop", "close");

  private final FrontendListeners listeners;
  private final FrontendTermContext terms;
  private final TcpRules rules;

  /** Lines that refuse clients whom no listener can refuse. */
  private final Set<Statement> guards = new LinkedHashSet<>();

  /** Lines that choose by something a listener does not see, each with the reason, in order. */
  private final Map<Statement, String> undivided = new LinkedHashMap<>();

  private final List<Statement> delays = new ArrayList<>();

  TcpFrontendTranslation(ProxySection proxy, FrontendListeners listeners) {
    super(proxy);
    this.listeners = listeners;
    terms = new FrontendTermContext(proxy, listeners.ports());
    rules = new TcpRules(terms);
  }

  void translate() {
    requests(proxy);
    defaultBackend();
    leading();
    Optional<TcpClientTable> table = table();
    table.ifPresent(found -> rules.deciding().forEach(rule -> judge(rule, found)));
    YamlMap relay = table.map(this::relay).orElse(YamlMap.block());
    table.stream()
        .flatMap(found -> found.backends().stream())
        .map(context::backend)
        .filter(each -> each != proxy)
        .forEach(this::requests);
    if (!guards.isEmpty()) {
      listeners.nothingListens(
          "limits who may connect",
          guards,
          ", which a TCP listener cannot do. Limit clients by a firewall, then add the listener.");
    } else if (!undivided.isEmpty()) {
      listeners.nothingListens(
          "chooses the backend by more than what clients send first",
          undivided.keySet(),
          ", so all of them would get one pool. Give each kind of client its own port.");
    } else if (relay.isEmpty()) {
      ledger.unsupported(proxy.header(), "no listener: it leads to no pool of TCP servers");
    } else {
      listeners.addTo(context.listenersYaml, relay);
    }
  }

  /**
   * Reads {@code tcp-request} lines. A frontend's own {@code content} lines tell clients apart. A
   * listener can express neither other lines that refuse, nor the lines of the section it leads to.
   */
  private void requests(ProxySection of) {
    for (Statement statement : of.takeAll("tcp-request")) {
      RuleLine rule = RuleLine.of(statement, 2);
      String action = RuleLine.actionName(rule.argument(0));
      boolean isContent = of == proxy && statement.word(1).equals("content");
      if (statement.word(1).equals("inspect-delay")) {
        if (of == proxy) {
          delays.add(statement);
        } else {
          ledger.notNeeded(statement, "the listener waits before it leads clients there");
        }
      } else if (!REFUSING.contains(action)) {
        if (isContent && action.equals("accept")) {
          rules.accept(statement, comparisons(rule));
        }
        ledger.row(statement, "tcp-request", action);
      } else if (isContent) {
        rules.refuse(statement, comparisons(rule));
      } else if (new RuleConditions(of, terms).condition(rule).plain().isNever()) {
        ledger.notNeeded(statement, "its condition never holds here");
      } else {
        guard(statement);
      }
    }
  }

  private void guard(Statement statement) {
    guards.add(statement);
    ledger.guardUnsupported(
        statement,
        "the listener is left out, so that nothing is served: a TCP listener cannot refuse"
            + " these clients; limit them by a firewall, then add the listener");
  }

  /** A rule's condition, with comparisons as leaves. */
  private TranslatedCondition comparisons(RuleLine rule) {
    return new RuleConditions(proxy, terms)
        .read(rule, words -> proxy.acls().comparisons(words).each(this::prepared));
  }

  private TranslatedCondition prepared(TranslatedCondition leaf) {
    return leaf instanceof Compared compared
        ? TcpClient.prepared(compared.test(), terms, context.files)
        : leaf;
  }

  /** Whether a backend serves TCP here. */
  private boolean hasPool(String backend) {
    return context.pooled.containsKey(backend) && context.backend(backend).isTcp();
  }

  private void defaultBackend() {
    Optional<Statement> line = proxy.take("default_backend");
    if (line.isPresent()) {
      String backend = line.get().word(1);
      if (hasPool(backend)) {
        rules.defaultBackend = backend;
      } else if (context.backends.containsKey(backend)) {
        ledger.unsupported(
            line.get(), "left out: the backend " + backend + " has no TCP server here");
      }
    } else if (proxy.isBack() && hasPool(proxy.name())) {
      rules.defaultBackend = proxy.name();
    }
  }

  /** Reads the lines that lead to backends. */
  private void leading() {
    for (Statement statement : proxy.takeAll("use_backend")) {
      RuleLine rule = RuleLine.of(statement, 1);
      String backend = rule.argument(0);
      TranslatedCondition condition = comparisons(rule);
      if (isByName(statement)) {
        byName(rules.use(statement), condition, backend);
      } else if (hasPool(backend)) {
        rules.use(statement).add(condition, backend);
      } else if (refuses(statement, backend)) {
        rules.use(statement).add(condition, TcpClientTable.CLOSED);
      }
    }
  }

  /** Whether a line names several backends, and a value chooses one of them. */
  private static boolean isByName(Statement statement) {
    return statement.word(1).contains("%");
  }

  /** Leads to the backend that a server name names, all others to the default one. */
  private void byName(TcpRules.Rule rule, TranslatedCondition condition, String text) {
    try {
      for (DynamicBackendName.Choice choice :
          DynamicBackendName.of(context, text).ofServerNames()) {
        String backend = choice.backend().isEmpty() ? rules.defaultBackend : choice.backend();
        if (!choice.backend().isEmpty() && !hasPool(backend)) {
          throw new SyntaxException("the backend " + backend + " has no TCP server here");
        }
        rule.add(TranslatedCondition.all(condition, choice.when()), backend);
      }
      rule.add(condition, rules.defaultBackend);
    } catch (SyntaxException e) {
      undivided.put(rule.statement, e.text());
    }
  }

  /** What tells clients apart; absent, with verdicts, if no listener can. */
  private Optional<TcpClientTable> table() {
    try {
      if (!undivided.isEmpty()) {
        throw new SyntaxException("it depends on more");
      }
      List<AclComparison> tests = rules.tests();
      List<FrontendListeners.Planned> planned = listeners.planned;
      long ends = planned.stream().filter(each -> each.line().has("ssl")).count();
      if (ends > 0 && ends < planned.size() && !tests.isEmpty()) {
        throw new SyntaxException("TLS ends at some of these listeners only");
      }
      return Optional.of(new TcpClientTable(tests, ends > 0, rules::backends));
    } catch (SyntaxException e) {
      leaveOut(e.text());
      return Optional.empty();
    }
  }

  private void leaveOut(String why) {
    delays.forEach(each -> ledger.notNeeded(each, "the listener is left out"));
    List<TcpRules.Rule> deciding = rules.deciding();
    boolean isAny =
        undivided.isEmpty() && deciding.stream().allMatch(each -> each.undecided.isEmpty());
    for (TcpRules.Rule rule : deciding) {
      Statement statement = rule.statement;
      if (rule.refuses()) {
        guard(statement);
      } else if (isAny ? rule.isConditional() : !rule.undecided.isEmpty()) {
        String by = isAny ? "" : " (" + String.join("; ", rule.undecided) + ")";
        undivided.putIfAbsent(statement, why + by);
      } else if (!undivided.containsKey(statement)) {
        ledger.row(statement, "proxy", "use_backend (tcp)");
      }
    }
    undivided.forEach(
        (statement, reason) ->
            ledger.guardUnsupported(
                statement,
                "the listener is left out, because these clients would get the wrong backend: TCP"
                    + " connections are led only by their server name and first bytes: "
                    + reason));
  }

  /** Judges a line that refuses or leads, which a listener expresses. */
  private void judge(TcpRules.Rule rule, TcpClientTable table) {
    Statement statement = rule.statement;
    boolean isOne = table.serverNames.isEmpty() && table.protocols().isEmpty();
    String differences = differences(rule, table);
    if (!rule.isReached) {
      ledger.notNeeded(
          statement,
          rule.refuses() ? "a line above accepts all" : "a line above leads every connection away");
    } else if (!rule.undecided.isEmpty() || (isOne && !rule.refuses() && rule.isConditional())) {
      ledger.notNeeded(statement, "it leads to the same backend as all other lines");
    } else if (!rule.isMet) {
      ledger.notNeeded(statement, "its condition never holds here");
    } else if (!differences.isEmpty()) {
      ledger.approximated(statement, differences);
    } else if (rule.refuses()) {
      ledger.row(statement, "tcp-request", "reject");
    } else {
      ledger.row(statement, "proxy", rule.isConditional() ? "use_backend (tcp)" : "use_backend");
    }
  }

  private static String differences(TcpRules.Rule rule, TcpClientTable table) {
    List<String> how = new ArrayList<>();
    if (rule.asks(TcpClient::isOfHttp)) {
      how.add(
          "http: HTTP is recognised by its request line, before the header fields; HTTP/2 by prior"
              + " knowledge counts as HTTP");
    }
    if (isByName(rule.statement)) {
      how.add(
          "server-names: one for each backend that it may name: add one for each backend that is"
              + " added");
    }
    if (table.isNarrower && rule.asks(test -> !TcpClient.endings(test).isEmpty())) {
      how.add(
          "server-names: * stands for one label, in HAProxy for any number: add the names with more"
              + " labels");
    }
    return String.join("; ", how);
  }

  private YamlMap relay(TcpClientTable table) {
    YamlMap relay = YamlMap.block();
    if (!table.pool.equals(TcpClientTable.CLOSED)) {
      relay.put("pool", context.pools.of(table.pool));
    }
    put("server-names", table.serverNames, relay);
    put("protocols", table.protocols(), relay);
    boolean inspects = relay.has("server-names") || relay.has("protocols");
    inspectDelay(inspects && listeners.planned.stream().noneMatch(e -> e.line().has("ssl")))
        .ifPresent(delay -> relay.put("inspect-delay", UnitParser.text(delay)));
    return relay;
  }

  private void put(String setting, Map<String, String> backends, YamlMap relay) {
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
      Optional<Duration> time = HaproxyTimes.parse(statement.word(2));
      if (!inspects) {
        ledger.notNeeded(statement, "the listener does not look at what clients send");
      } else {
        last = time.map(each -> HaproxyTimes.within(each, LEAST_DELAY, MOST_DELAY));
        if (last.equals(time)) {
          ledger.row(statement, "tcp-request", "inspect-delay");
        } else {
          ledger.approximated(statement, "inspect-delay is from 1ms to 10m");
        }
      }
    }
    return inspects ? last : Optional.empty();
  }

  /**
   * Whether a backend has no server, so that it refuses the clients that are led to it. A backend
   * that was left out of the import does not count.
   */
  private boolean refuses(Statement statement, String backend) {
    ProxySection to = context.backends.get(backend);
    if (to == null) {
      return false;
    }
    boolean refuses =
        !context.leftOut.contains(backend)
            && to.statements().stream().noneMatch(each -> each.keyword().startsWith("server"));
    if (!refuses) {
      guards.add(statement);
      ledger.guardUnsupported(
          statement,
          "the listener is left out: HAProxy refuses clients that it leads to a backend without"
              + " servers, and here they would be served; limit clients by a firewall, then add the"
              + " listener");
    }
    return refuses;
  }
}
