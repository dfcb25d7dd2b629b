package dev.understudy.haproxy.translate;

import dev.understudy.haproxy.acl.Expression;
import dev.understudy.haproxy.report.Ledger;
import dev.understudy.haproxy.syntax.Statement;
import dev.understudy.haproxy.syntax.SyntaxException;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/** Translates an HTTP frontend into routes, one for each choice of a backend. */
final class HttpFront {
  private final Context context;
  private final Proxy proxy;
  private final Ledger ledger;
  private final List<String> listeners;
  private final FrontTerms terms;
  private final Map<String, Backends> pools;
  private final Names ids;
  private final List<Route> routes = new ArrayList<>();

  /** Backends chosen by filters, if conditions read what rules change; the first choice last. */
  private final List<Filter> choices = new ArrayList<>();

  private boolean single;
  private List<Filter> requests = List.of();
  private List<Filter> responses = List.of();
  private List<Filter> afterResponses = List.of();

  /**
   * @param listeners empty: this is the only HTTP frontend
   * @param pools the backends that have a pool
   */
  HttpFront(
      Context context,
      Proxy proxy,
      Map<String, Integer> ports,
      List<String> listeners,
      Map<String, Backends> pools,
      Names ids) {
    this.context = context;
    this.proxy = proxy;
    this.listeners = listeners;
    this.pools = pools;
    this.ids = ids;
    ledger = context.ledger;
    terms = new FrontTerms(context, ports);
  }

  List<Route> translate() {
    requests = new RequestRules(context, proxy, terms).translate();
    responses = new ResponseRules(context, proxy, terms, "http-response").translate();
    afterResponses = new ResponseRules(context, proxy, terms, "http-after-response").translate();
    single = RequestChanges.concern(requests, conditions()) && isSimple();
    boolean ended = false;
    for (Statement statement : proxy.takeAll("use_backend")) {
      ended |= choose(statement);
    }
    Optional<Statement> last = proxy.take("default_backend");
    if (last.isPresent()) {
      if (!isBackend(last.get(), last.get().word(1))) {
        return routes;
      }
      if (ended) {
        ledger.notNeeded(last.get(), "a line above leads every request away");
        return routes;
      }
      ledger.row(last.get(), "proxy", "default_backend");
      route(last.get().word(1), Expression.Constant.TRUE, List.of(last.get().source()));
    } else if (pools.containsKey(proxy.name()) && proxy.isBack()) {
      route(proxy.name(), Expression.Constant.TRUE, List.of(proxy.header().source()));
    } else if (!ended) {
      unserved(Expression.Constant.TRUE, List.of("No backend: HAProxy responds with 503."));
    }
    return routes;
  }

  /** Conditions that choose backends; nothing is judged. */
  private List<Expression> conditions() {
    List<Expression> conditions = new ArrayList<>();
    for (Statement statement : proxy.takeAll("use_backend")) {
      RuleCondition rule = RuleCondition.of(statement, 1);
      try {
        if (!rule.condition().isEmpty()) {
          conditions.add(Rules.plain(proxy.acls().condition(rule.condition(), terms)).bound(true));
        }
      } catch (SyntaxException e) {
        terms.differences();
        return List.of();
      }
    }
    terms.differences();
    return conditions;
  }

  /** Whether one route can choose among all backends, as none has rules of its own. */
  private boolean isSimple() {
    List<String> rules =
        List.of("http-request", "http-response", "http-after-response", "redirect", "use-server");
    List<String> names = new ArrayList<>();
    proxy.takeAll("use_backend").forEach(each -> names.add(each.word(1)));
    proxy.takeAll("default_backend").forEach(each -> names.add(each.word(1)));
    return proxy.has("default_backend")
        && names.stream()
            .allMatch(
                name -> {
                  Proxy target = context.backends.get(name);
                  return target != null
                      && pools.containsKey(name)
                      && !target.isTcp()
                      && target.statements().stream()
                          .noneMatch(each -> rules.contains(each.keyword()));
                });
  }

  /** Returns whether every request is led away. */
  private boolean choose(Statement statement) {
    RuleCondition rule = RuleCondition.of(statement, 1);
    Rules rules = new Rules(context, proxy, terms);
    Expression condition = Rules.plain(rules.condition(statement, rule));
    String name = rule.argument(0);
    if (name.contains("%[")) {
      return map(statement, name, condition);
    }
    if (!isBackend(statement, name)) {
      return false;
    }
    String differences = terms.differences();
    List<String> unknown = condition.unknown();
    if (!single && RequestChanges.concern(requests, List.of(condition.bound(true)))) {
      ledger.guardLost(
          statement,
          "left out: its condition reads what rules before it change, and backends have rules of"
              + " their own; choose the backend by what clients send");
      return false;
    }
    if (!unknown.isEmpty() && pools.containsKey(name)) {
      ledger.lost(
          statement,
          "left out, so that these requests go where later lines lead them: "
              + String.join("; ", unknown));
      return false;
    }
    Expression when = condition.bound(true);
    if (when.equals(Expression.Constant.FALSE)) {
      ledger.notNeeded(statement, "its condition never holds here");
      return false;
    }
    if (unknown.isEmpty()) {
      if (differences.isEmpty()) {
        ledger.row(statement, "proxy", "use_backend");
      } else {
        ledger.differently(statement, differences);
      }
    } else {
      ledger.guardDifferently(
          statement,
          "leads more requests than HAProxy to this backend, which serves none: "
              + String.join("; ", unknown));
    }
    route(name, when, List.of(statement.source()));
    return when.equals(Expression.Constant.TRUE);
  }

  private boolean map(Statement statement, String name, Expression condition) {
    if (!condition.unknown().isEmpty()) {
      ledger.lost(statement, "left out: " + String.join("; ", condition.unknown()));
      return false;
    }
    try {
      List<BackendMap.Choice> choices = BackendMap.of(context, name);
      boolean all = false;
      List<String> comment = List.of(statement.source());
      for (BackendMap.Choice choice : choices) {
        Expression when = Expression.all(List.of(condition, choice.when()));
        if (context.backends.containsKey(choice.backend())) {
          route(choice.backend(), when, comment);
          all |= when.equals(Expression.Constant.TRUE);
        }
        comment = List.of();
      }
      ledger.differently(
          statement,
          choices.size() + " routes with the map as it is now; change them in this file");
      return all;
    } catch (SyntaxException e) {
      ledger.lost(statement, "left out: " + e.text());
      return false;
    }
  }

  private boolean isBackend(Statement statement, String name) {
    if (context.backends.containsKey(name)) {
      return true;
    }
    ledger.problem(
        statement,
        "expected the name of a backend, found '"
            + name
            + "'; there are "
            + (context.backends.isEmpty() ? "none" : String.join(", ", context.backends.keySet())));
    return false;
  }

  private void route(String backend, Expression when, List<String> comments) {
    Backends pool = pools.get(backend);
    Proxy target = context.backends.get(backend);
    if (target == null) {
      return;
    }
    if (single && !when.equals(Expression.Constant.TRUE)) {
      // The last one that applies counts, in HAProxy the first.
      choices.addFirst(
          new Filter("UsePool", Map.of("pool", context.pools.of(backend)), when, comments));
      return;
    }
    if (target.isTcp()) {
      unserved(when, List.of("The backend " + backend + " is of mode tcp."));
      return;
    }
    List<Filter> filters = new ArrayList<>(afterResponses);
    filters.addAll(requests);
    if (!target.name().equals(proxy.name())) {
      filters.addAll(
          0, new ResponseRules(context, target, terms, "http-after-response").translate());
      filters.addAll(new RequestRules(context, target, terms).translate());
    }
    filters.addAll(choices);
    filters.addAll(compression(target));
    if (pool != null) {
      filters.addAll(useServers(target, pool));
    }
    if (!target.name().equals(proxy.name())) {
      filters.addAll(new ResponseRules(context, target, terms, "http-response").translate());
    }
    filters.addAll(responses);
    if (pool == null) {
      filters.add(
          new Filter(
              "Deny",
              Map.of("status", "503"),
              Expression.Constant.TRUE,
              List.of("The backend " + backend + " has no server.")));
    }
    String id = proxy.name().equals(backend) ? backend : proxy.name() + "-" + backend;
    routes.add(
        new Route(
            ids.fresh(id),
            listeners,
            when,
            pool == null ? "" : context.pools.of(backend),
            filters,
            comments));
  }

  private void unserved(Expression when, List<String> comments) {
    List<Filter> filters = new ArrayList<>(requests);
    filters.add(new Filter("Deny", Map.of("status", "503"), Expression.Constant.TRUE, List.of()));
    routes.add(
        new Route(ids.fresh(proxy.name() + "-none"), listeners, when, "", filters, comments));
  }

  private List<Filter> useServers(Proxy target, Backends pool) {
    List<Filter> filters = new ArrayList<>();
    Expression open = Expression.Constant.TRUE;
    for (Statement statement : target.takeAll("use-server")) {
      RuleCondition rule = RuleCondition.of(statement, 1);
      Optional<String> server = pool.server(rule.argument(0));
      Expression condition =
          Rules.plain(new Rules(context, target, terms).condition(statement, rule));
      if (server.isEmpty()) {
        ledger.lost(statement, "left out: '" + rule.argument(0) + "' is no server of this pool");
      } else if (!condition.unknown().isEmpty()) {
        ledger.lost(statement, "left out: " + String.join("; ", condition.unknown()));
      } else {
        Expression when = Expression.all(List.of(open, condition));
        if (!when.equals(Expression.Constant.FALSE)) {
          filters.add(Filter.of("PreferServer", when, statement, "server", server.get()));
        }
        String differences = terms.differences();
        if (differences.isEmpty()) {
          ledger.row(statement, "proxy", "use-server");
        } else {
          ledger.differently(statement, differences);
        }
      }
    }
    return filters;
  }

  private List<Filter> compression(Proxy target) {
    Optional<Filter> own = Compression.of(context, proxy);
    Optional<Filter> other =
        target.name().equals(proxy.name()) ? Optional.empty() : Compression.of(context, target);
    return own.or(() -> other).stream().toList();
  }
}
