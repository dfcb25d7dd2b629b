package dev.understudy.haproxy.translate;

import dev.understudy.haproxy.acl.Expression;
import dev.understudy.haproxy.report.Ledger;
import dev.understudy.haproxy.syntax.Statement;
import dev.understudy.haproxy.syntax.SyntaxException;
import dev.understudy.haproxy.yaml.YamlMap;
import dev.understudy.haproxy.yaml.YamlNode;
import dev.understudy.haproxy.yaml.YamlScalar;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.stream.Collectors;

/** Translates a TCP frontend: what its listeners lead to. */
final class TcpFront {
  private final Context context;
  private final Proxy proxy;
  private final Ledger ledger;
  private final Listeners listeners;
  private final Set<String> pools;
  private final FrontTerms terms;

  /** Numbers of lines that deny. */
  private final Set<String> guards = new LinkedHashSet<>();

  /** Lines that lead connections by what a listener cannot tell apart, with why, in order. */
  private final Map<Statement, String> undivided = new LinkedHashMap<>();

  /** The backends led to. */
  private final Set<Proxy> targets = new LinkedHashSet<>();

  TcpFront(Context context, Proxy proxy, Listeners listeners, Set<String> pools) {
    this.context = context;
    this.proxy = proxy;
    this.listeners = listeners;
    this.pools = pools;
    ledger = context.ledger;
    terms = new FrontTerms(context, listeners.ports());
  }

  void translate() {
    guards(proxy);
    Map<String, YamlNode> relay = relay();
    targets.stream().filter(each -> each != proxy).forEach(this::guards);
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
              + "', because it leads connections by more than the server name of TLS (line "
              + undivided.keySet().stream()
                  .map(each -> Integer.toString(each.line()))
                  .collect(Collectors.joining(", "))
              + "), and all would come to one pool. Give each kind of client a port of its own.");
    } else if (relay.isEmpty()) {
      ledger.lost(proxy.header(), "no listener: it leads to no pool of TCP servers");
    } else {
      listeners.addTo(context.listenersYaml, relay);
    }
  }

  /** Finds lines that deny, which no listener can say: a frontend's own, or of what it leads to. */
  private void guards(Proxy of) {
    for (Statement statement : of.takeAll("tcp-request")) {
      RuleCondition rule = RuleCondition.of(statement, 2);
      String action = RequestRules.actionName(rule.argument(0));
      switch (action) {
        case "reject", "silent-drop", "close" -> guard(of, statement, rule);
        case "accept" -> ledger.row(statement, "tcp-request", "accept");
        default ->
            ledger.row(
                statement,
                "tcp-request",
                statement.word(1).equals("inspect-delay") ? "inspect-delay" : action);
      }
    }
  }

  private void guard(Proxy of, Statement statement, RuleCondition rule) {
    Expression condition = Rules.plain(new Rules(context, of, terms).condition(statement, rule));
    if (condition.equals(Expression.Constant.FALSE)) {
      ledger.notNeeded(statement, "its condition never holds here");
    } else {
      guards.add(Integer.toString(statement.line()));
      ledger.guardLost(
          statement,
          "the listener is left out, so that nothing is served: a TCP listener cannot refuse"
              + " clients; limit them by a firewall, then add the listener");
    }
  }

  private Map<String, YamlNode> relay() {
    Map<String, YamlNode> relay = new LinkedHashMap<>();
    YamlMap names = YamlMap.flow();
    String last = "";
    boolean ended = false;
    boolean sameAsLast = true;
    Set<String> alternatives = new LinkedHashSet<>();
    for (Statement statement : proxy.takeAll("use_backend")) {
      RuleCondition rule = RuleCondition.of(statement, 1);
      String backend = rule.argument(0);
      Expression condition =
          Rules.plain(new Rules(context, proxy, terms).condition(statement, rule));
      if (condition.equals(Expression.Constant.FALSE)) {
        ledger.notNeeded(statement, "its condition never holds here");
        continue;
      }
      if (ended) {
        ledger.notNeeded(statement, "a line above leads every connection away");
        continue;
      }
      if (backend.contains("%")) {
        ended = byName(statement, condition, backend, names);
        sameAsLast = false;
        continue;
      }
      if (!isPool(statement, backend)) {
        refuses(statement, backend);
        continue;
      }
      if (condition.equals(Expression.Constant.TRUE)) {
        last = last.isEmpty() ? backend : last;
        ledger.row(statement, "proxy", "use_backend");
        ended = true;
      } else {
        serverNames(statement, condition, backend, names);
        alternatives.add(backend);
      }
    }
    Optional<Statement> standard = proxy.take("default_backend");
    if (standard.isPresent()) {
      if (isPool(standard.get(), standard.get().word(1))) {
        last = last.isEmpty() ? standard.get().word(1) : last;
        ledger.row(standard.get(), "proxy", "default_backend");
      }
    } else if (last.isEmpty() && proxy.isBack() && pools.contains(proxy.name())) {
      last = proxy.name();
    }
    judgeUndivided(sameAsLast && alternatives.equals(Set.of(last)));
    if (!last.isEmpty()) {
      relay.put("pool", YamlScalar.text(context.pools.of(last)));
    }
    if (!names.isEmpty()) {
      relay.put("server-names", names);
    }
    return relay;
  }

  /**
   * Leads to the backend that the server name of TLS names, all others to the default one.
   *
   * @return whether it can be said
   */
  private boolean byName(Statement statement, Expression condition, String backend, YamlMap names) {
    List<BackendMap.Choice> choices = choices(condition, backend);
    boolean said = !choices.isEmpty();
    for (BackendMap.Choice choice : choices) {
      said &= pools.contains(choice.backend()) && !serverNames(choice.when()).isEmpty();
    }
    if (!said) {
      undivided.put(statement, "write a use_backend by server names for each backend");
      return false;
    }
    for (BackendMap.Choice choice : choices) {
      serverNames(choice.when()).forEach(each -> add(each, choice.backend(), names));
    }
    ledger.differently(
        statement,
        "server-names: one for each backend whose name it may be: one that is added needs its own");
    return true;
  }

  /** The TCP backends that a value may name; empty if it has no words, or depends on more. */
  private List<BackendMap.Choice> choices(Expression condition, String backend) {
    try {
      return condition.equals(Expression.Constant.TRUE) && BackendNames.isOne(backend)
          ? BackendNames.of(new Rules(context, proxy, terms), backend).stream()
              .filter(each -> context.backend(each.backend()).isTcp())
              .toList()
          : List.of();
    } catch (SyntaxException e) {
      return List.of();
    }
  }

  private void serverNames(
      Statement statement, Expression condition, String backend, YamlMap names) {
    List<String> found = serverNames(condition);
    if (found.isEmpty()) {
      undivided.put(
          statement,
          "TCP connections are led by the server name of TLS only"
              + (condition.unknown().isEmpty()
                  ? ""
                  : " (" + String.join("; ", condition.unknown()) + ")"));
      return;
    }
    found.forEach(each -> add(each, backend, names));
    if (found.stream().anyMatch(each -> each.startsWith("*"))) {
      ledger.differently(
          statement,
          "server-names: * stands for one label, where HAProxy takes any number: add the names with"
              + " more");
    } else {
      ledger.row(statement, "proxy", "use_backend (tcp)");
    }
  }

  /** The names that a condition asks for; empty if it asks for anything else. */
  private static List<String> serverNames(Expression condition) {
    List<Expression> parts =
        condition instanceof Expression.Any any ? any.parts() : List.of(condition);
    List<String> found = new ArrayList<>();
    for (Expression part : parts) {
      if (!(part instanceof Expression.Term term) || term.serverNames().isEmpty()) {
        return List.of();
      }
      found.addAll(term.serverNames());
    }
    return found;
  }

  /** The line that comes first counts. */
  private void add(String serverName, String backend, YamlMap names) {
    String name = serverName.toLowerCase(Locale.ROOT);
    if (!names.has(name)) {
      names.put(name, context.pools.of(backend));
    }
    targets.add(context.backend(backend));
  }

  /**
   * Judges the lines whose clients would be led where others are: no listener is made then.
   *
   * @param needsNone whether every line leads to the pool of all others
   */
  private void judgeUndivided(boolean needsNone) {
    if (needsNone) {
      undivided.keySet().forEach(each -> ledger.notNeeded(each, "it leads where all others go"));
      undivided.clear();
    } else {
      undivided.forEach(
          (statement, why) ->
              ledger.guardLost(
                  statement,
                  "the listener is left out, as these clients would be led where others are: "
                      + why));
    }
  }

  /** A backend without servers refuses the clients that are led to it. */
  private void refuses(Statement statement, String backend) {
    if (context.backends.containsKey(backend)) {
      guards.add(Integer.toString(statement.line()));
      ledger.guardLost(
          statement,
          "the listener is left out: clients led to a backend without servers are refused, and"
              + " would be served here; limit clients by a firewall, then add the listener");
    }
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
    if (!pools.contains(backend)) {
      ledger.lost(statement, "left out: the backend " + backend + " has no TCP server here");
      return false;
    }
    targets.add(context.backends.get(backend));
    return true;
  }
}
