package dev.understudy.haproxy.translate;

import dev.understudy.haproxy.acl.Expression;
import dev.understudy.haproxy.acl.Note;
import dev.understudy.haproxy.report.Ledger;
import dev.understudy.haproxy.syntax.Statement;
import dev.understudy.haproxy.syntax.SyntaxException;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/**
 * Translates an HTTP frontend into routes, one for each choice of a backend. If a choice reads what
 * rules before it change, one route has filters that choose: pools alone if no backend has rules of
 * its own, else {@linkplain ChosenBackends backends by a variable}.
 */
final class HttpFront {
  /** Of one route; see the limits of the dynamic file. */
  private static final int MOST_FILTERS = 64;

  private static final String TOO_LATE =
      "left out: its condition reads what rules before it change, and one route would need more"
          + " than "
          + MOST_FILTERS
          + " filters; choose the backend by what clients send";

  private static final String PAST_GUARD =
      "so it may lead past a backend that refuses what it leads elsewhere";

  private static final String NO_BACKEND = "No backend: HAProxy responds with 503.";

  private final Context context;
  private final Proxy proxy;
  private final Ledger ledger;
  private final List<String> listeners;
  private final FrontTerms terms;
  private final Map<String, Backends> pools;
  private final Names ids;
  private final List<Route> routes = new ArrayList<>();

  /** The choices of {@link #routes}, in their order. */
  private BackendChoices led = new BackendChoices();

  /** Backends chosen by filters, if conditions read what rules change; the first choice last. */
  private final List<Filter> choices = new ArrayList<>();

  private boolean single;

  /** Whether a line before leads to the default backend. */
  private boolean usesDefault;

  /** Null unless a variable chooses. */
  private @Nullable ChosenBackends chosen;

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
    List<Statement> binds =
        proxy.statements().stream().filter(each -> each.keyword().equals("bind")).toList();
    terms.someProxied = binds.stream().anyMatch(each -> each.from(2).contains("accept-proxy"));
    terms.someTls = binds.stream().anyMatch(HttpFront::isTls);
    terms.onlyTls = terms.someTls && binds.stream().allMatch(HttpFront::isTls);
  }

  private static boolean isTls(Statement bind) {
    return bind.from(2).contains("ssl");
  }

  /** The routes of a backend that no frontend leads to. */
  List<Route> translateAlone(Expression when) {
    terms.someTls = true;
    readRules();
    route(proxy.header(), proxy.name(), when);
    return routes;
  }

  List<Route> translate() {
    readRules();
    if (RequestChanges.concern(requests, conditions())) {
      single = isSimple() && conditions().stream().allMatch(each -> each.unknown().isEmpty());
      chosen = single ? null : new ChosenBackends(context);
    }
    lead();
    if (chosen != null && !chosen.isEmpty()) {
      Route route = byVariable(chosen);
      if (route.filters().size() <= MOST_FILTERS) {
        routes.add(route);
        return routes;
      }
      chosen = null;
      led = new BackendChoices();
      lead();
    }
    nameWeaker(led);
    return withPathGuards();
  }

  /** Names the lines that lead past a guard what HAProxy leads there. */
  private void nameWeaker(BackendChoices choices) {
    Rules rules = new Rules(context, proxy, terms);
    for (int i = 0; i < choices.size(); i++) {
      List<Note> notes = choices.pastGuard(i);
      if (Note.areWeaker(notes)) {
        ledger.guardApproximated(choices.line(i), rules.how(notes));
        ledger.guardApproximated(choices.line(i), PAST_GUARD);
      }
    }
  }

  /** The routes, each with what denies paths that another backend refuses in another form. */
  private List<Route> withPathGuards() {
    if (led.size() != routes.size() || routes.size() > MOST_FILTERS) {
      if (led.mayRefuse()) {
        ledger.guardApproximated(
            proxy.header(),
            "routes look at the normalised path alone: other forms of a path lead past backends"
                + " that refuse");
      }
      return routes;
    }
    List<Route> guarded = new ArrayList<>();
    for (int i = 0; i < routes.size(); i++) {
      Route route = routes.get(i);
      Optional<Filter> guard = led.pathGuard(i);
      guarded.add(guard.isPresent() ? route.after(guard.get()) : route);
    }
    return guarded;
  }

  private void readRules() {
    requests = new RequestRules(context, proxy, terms).translate();
    responses = new ResponseRules(context, proxy, terms, "http-response").translate();
    afterResponses =
        ResponseOrder.of(
            new ResponseRules(context, proxy, terms, "http-after-response").translate());
  }

  /** Follows the lines that lead requests to backends. */
  private void lead() {
    boolean ended = false;
    for (Statement statement : proxy.takeAll("use_backend")) {
      ended |= choose(statement);
    }
    Optional<Statement> last = proxy.take("default_backend");
    if (last.isPresent()) {
      if (!isBackend(last.get(), last.get().word(1))) {
        return;
      }
      if (ended && !usesDefault) {
        ledger.notNeeded(last.get(), "a line above leads every request away");
        return;
      }
      ledger.row(last.get(), "proxy", "default_backend");
      if (ended) {
        return;
      }
      route(last.get(), last.get().word(1), Expression.Constant.TRUE);
    } else if (pools.containsKey(proxy.name()) && proxy.isBack()) {
      route(proxy.header(), proxy.name(), Expression.Constant.TRUE);
    } else if (!ended) {
      unserved(proxy.header(), Expression.Constant.TRUE, List.of(NO_BACKEND));
    }
  }

  /** Conditions that choose backends; nothing is judged. */
  private List<Expression> conditions() {
    List<Expression> conditions = new ArrayList<>();
    proxy.takeAll("use_backend").forEach(each -> conditions(each, conditions));
    return conditions;
  }

  /** A line that cannot be read leads nowhere. */
  private void conditions(Statement statement, List<Expression> to) {
    RuleCondition rule = RuleCondition.of(statement, 1);
    try {
      if (!rule.condition().isEmpty()) {
        to.add(Rules.plain(proxy.acls().condition(rule.condition(), terms)));
      }
      if (rule.argument(0).contains("%[")) {
        choices(rule.argument(0)).forEach(each -> to.add(each.when()));
      }
    } catch (SyntaxException e) {
      // That is told where it is judged.
    }
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
                          .noneMatch(
                              each ->
                                  rules.contains(each.keyword())
                                      || (each.keyword().equals("cookie")
                                          && !Sticky.isOurCookie(each)));
                });
  }

  /** Returns whether every request is led away. */
  private boolean choose(Statement statement) {
    RuleCondition rule = RuleCondition.of(statement, 1);
    Rules rules = new Rules(context, proxy, terms);
    Expression condition = Rules.plain(rules.told(rules.condition(statement, rule)));
    String name = rule.argument(0);
    if (name.contains("%")) {
      return byValue(rules, statement, name, condition);
    }
    if (!isBackend(statement, name)) {
      return false;
    }
    String differences = rules.how(condition.notes());
    List<String> unknown = condition.unknown();
    if (isTooLate(List.of(condition.bound(true)))) {
      ledger.guardUnsupported(statement, TOO_LATE);
      return false;
    }
    if (!unknown.isEmpty() && pools.containsKey(name)) {
      undecided(statement, name, condition);
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
      } else if (Note.areWeaker(condition.notes())) {
        ledger.guardApproximated(statement, differences);
      } else {
        ledger.approximated(statement, differences);
      }
    } else {
      ledger.guardApproximated(
          statement,
          "leads more requests than HAProxy to this backend, which serves none: "
              + String.join("; ", unknown));
    }
    route(statement, name, when);
    return when.equals(Expression.Constant.TRUE);
  }

  /**
   * A line whose condition is unknown in part: what is known leads on; what may go there or not is
   * refused, as the lines that follow may be meant for fewer requests.
   */
  private void undecided(Statement statement, String name, Expression condition) {
    List<String> comments = List.of(statement.source());
    String why = String.join("; ", condition.unknown());
    Expression known = condition.bound(false);
    Expression wider = condition.bound(true);
    if (!known.equals(Expression.Constant.FALSE)) {
      route(statement, name, known, comments);
    }
    if (wider.equals(Expression.Constant.TRUE)) {
      ledger.guardUnsupported(
          statement, "left out, so that requests go where later lines lead them: " + why);
      return;
    }
    if (chosen != null) {
      chosen.refuse(wider, comments);
    } else {
      refused(
          statement,
          wider,
          new Filter("Deny", Map.of("status", "403"), Expression.Constant.TRUE, List.of()),
          comments);
    }
    ledger.guardApproximated(
        statement, "requests that HAProxy may lead here, or elsewhere, are refused: " + why);
  }

  /** Whether a route would be chosen before rules have changed what these conditions read. */
  private boolean isTooLate(List<Expression> conditions) {
    return !single && chosen == null && RequestChanges.concern(requests, conditions);
  }

  /** The backends that a value of the request may choose. */
  private List<BackendMap.Choice> choices(String name) {
    Rules rules = new Rules(context, proxy, terms);
    return BackendNames.isOne(name) ? BackendNames.of(rules, name) : BackendMap.of(rules, name);
  }

  private boolean byValue(Rules rules, Statement statement, String name, Expression condition) {
    if (!condition.unknown().isEmpty()) {
      ledger.guardUnsupported(statement, "left out: " + String.join("; ", condition.unknown()));
      return false;
    }
    try {
      List<BackendMap.Choice> choices = choices(name);
      if (isTooLate(
          Stream.concat(Stream.of(condition), choices.stream().map(BackendMap.Choice::when))
              .toList())) {
        ledger.guardUnsupported(statement, TOO_LATE);
        return false;
      }
      List<Note> notes =
          Stream.concat(Stream.of(condition), choices.stream().map(BackendMap.Choice::when))
              .flatMap(each -> each.notes().stream())
              .distinct()
              .toList();
      String how = Rules.joined(said(name, choices.size()), rules.how(notes));
      if (choices.isEmpty()) {
        ledger.exact(statement, "no backend has such a name: the default backend serves");
      } else if (Note.areWeaker(notes)) {
        ledger.guardApproximated(statement, how);
      } else {
        ledger.approximated(statement, how);
      }
      return lead(statement, choices, condition);
    } catch (SyntaxException e) {
      ledger.guardUnsupported(statement, "left out: " + e.text());
      return false;
    }
  }

  private String said(String name, int choices) {
    String what = choices + (chosen == null ? " routes, " : " filters, ");
    return BackendNames.isOne(name)
        ? what + "one for each backend whose name it may be: one that is added needs its own"
        : what + "with the map as it is now: change them in this file";
  }

  /** Returns whether every request is led away. */
  private boolean lead(Statement statement, List<BackendMap.Choice> choices, Expression condition) {
    List<String> comment = List.of(statement.source());
    for (BackendMap.Choice choice : choices) {
      Expression when = Expression.all(List.of(condition, choice.when()));
      if (choice.isKnown()) {
        route(statement, choice.backend(), when, comment);
      } else {
        routeToDefault(statement, when, comment);
      }
      comment = List.of();
    }
    if (choices.isEmpty() || !choices.getLast().when().equals(Expression.Constant.TRUE)) {
      routeToDefault(statement, condition, comment);
    }
    return condition.equals(Expression.Constant.TRUE);
  }

  /** Leads requests to the default backend, for which no later line counts. */
  private void routeToDefault(Statement line, Expression when, List<String> comments) {
    Optional<String> name =
        proxy.statements().stream()
            .filter(each -> each.keyword().equals("default_backend"))
            .map(each -> each.word(1))
            .reduce((first, second) -> second)
            .or(() -> Optional.of(proxy.name()).filter(each -> proxy.isBack()))
            .filter(context.backends::containsKey);
    usesDefault = true;
    if (name.isPresent()) {
      route(line, name.get(), when, comments);
    } else if (chosen != null) {
      chosen.refuse(when, comments);
    } else {
      unserved(line, when, List.of(NO_BACKEND));
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

  private void route(Statement line, String backend, Expression when) {
    route(line, backend, when, List.of(line.source()));
  }

  private void route(Statement line, String backend, Expression when, List<String> comments) {
    Backends pool = pools.get(backend);
    Proxy target = context.backends.get(backend);
    if (target == null) {
      return;
    }
    if (chosen != null) {
      chosen.add(line, backend, when, comments);
      return;
    }
    if (context.leftOut.contains(backend)) {
      unserved(line, when, List.of("The backend " + backend + " is left out."));
      return;
    }
    if (single && !when.equals(Expression.Constant.TRUE)) {
      // The last one that applies counts, in HAProxy the first.
      choices.addFirst(
          new Filter("UsePool", Map.of("pool", context.pools.of(backend)), when, comments));
      return;
    }
    if (target.isTcp()) {
      unserved(line, when, List.of(ofTcp(backend)));
      return;
    }
    List<Filter> filters = new ArrayList<>(afterResponses);
    filters.addAll(requests);
    RuleState state = terms.state.copy();
    List<Filter> ownRules = ownRequests(target);
    if (pool == null) {
      ownRules.add(noServer(backend));
      ownRules = ErrorPages.of(context, target).instead(ownRules);
    }
    filters.addAll(ownRules);
    ForwardedFor.of(context, proxy, target).ifPresent(filters::add);
    UniqueId.of(ledger, proxy).ifPresent(filters::add);
    filters.addAll(choices);
    Optional<Filter> own = Compression.of(context, proxy);
    Optional<Filter> other = isOther(target) ? Compression.of(context, target) : Optional.empty();
    own.or(() -> other).ifPresent(filters::add);
    filters.addAll(useServers(target));
    List<Filter> changes = new ArrayList<>(ownResponses(target));
    changes.addAll(responses);
    filters.addAll(ResponseOrder.of(changes));
    terms.state = state;
    led.add(line, backend, when, ownRules);
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

  private boolean isOther(Proxy target) {
    return !target.name().equals(proxy.name());
  }

  /** A backend's own rules on requests, after the frontend's. */
  private List<Filter> ownRequests(Proxy target) {
    if (!isOther(target)) {
      return new ArrayList<>();
    }
    List<Filter> filters =
        new ArrayList<>(
            ResponseOrder.of(
                new ResponseRules(context, target, terms, "http-after-response").translate()));
    filters.addAll(new RequestRules(context, target, terms).translate());
    return filters;
  }

  private List<Filter> ownResponses(Proxy target) {
    return isOther(target)
        ? new ResponseRules(context, target, terms, "http-response").translate()
        : List.of();
  }

  /** The one route in which a variable chooses. */
  private Route byVariable(ChosenBackends chosen) {
    List<Proxy> targets = chosen.backends().stream().map(context::backend).toList();
    String first = routePool(targets);
    List<Filter> filters = new ArrayList<>(afterResponses);
    filters.addAll(requests);
    filters.addAll(chosen.choices());
    for (Proxy target : targets) {
      if (hasPool(target) && !target.name().equals(first)) {
        filters.add(chosen.usePool(target.name()));
      }
    }
    if (!chosen.refused().equals(Expression.Constant.FALSE)) {
      filters.add(deny(chosen.refused(), List.of(NO_BACKEND)));
    }
    Optional<Filter> compression = Compression.of(context, proxy);
    Map<String, List<Filter>> own = new LinkedHashMap<>();
    targets.forEach(each -> own.put(each.name(), untilServer(each, compression.isEmpty())));
    BackendChoices judged = new BackendChoices();
    for (ChosenBackends.Led each : chosen.led()) {
      List<Filter> rules = own.getOrDefault(each.backend(), List.of());
      judged.add(each.line(), each.backend(), each.when(), rules);
    }
    nameWeaker(judged);
    judged.pathGuard(chosen).ifPresent(filters::add);
    List<Filter> changes = new ArrayList<>();
    for (Proxy target : targets) {
      String name = target.name();
      filters.addAll(chosen.only(name, own.getOrDefault(name, List.of())));
      boolean none = target.isTcp() || context.leftOut.contains(name);
      changes.addAll(chosen.only(name, none ? List.of() : ownResponses(target)));
    }
    compression.ifPresent(filters::add);
    changes.addAll(responses);
    filters.addAll(ResponseOrder.of(changes));
    return new Route(
        ids.fresh(proxy.name()),
        listeners,
        Expression.Constant.TRUE,
        first.isEmpty() ? "" : context.pools.of(first),
        filters,
        List.of("Filters choose the backend, by what the rules before have made of the request."));
  }

  /**
   * What a backend's own lines do before a server has the request.
   *
   * @param compresses whether its compression counts, as the frontend has none
   */
  private List<Filter> untilServer(Proxy target, boolean compresses) {
    if (target.isTcp() || context.leftOut.contains(target.name())) {
      String why =
          target.isTcp() ? ofTcp(target.name()) : "The backend " + target.name() + " is left out.";
      return List.of(deny(Expression.Constant.TRUE, List.of(why)));
    }
    RuleState state = terms.state.copy();
    List<Filter> filters = ownRequests(target);
    if (!hasPool(target)) {
      filters.add(noServer(target.name()));
      terms.state = state;
      return ErrorPages.of(context, target).instead(filters);
    }
    ForwardedFor.of(context, proxy, target).ifPresent(filters::add);
    UniqueId.of(ledger, proxy).ifPresent(filters::add);
    if (isOther(target)) {
      Compression.of(context, target).filter(each -> compresses).ifPresent(filters::add);
    }
    filters.addAll(useServers(target));
    terms.state = state;
    return filters;
  }

  private boolean hasPool(Proxy target) {
    return pools.containsKey(target.name()) && !target.isTcp();
  }

  /**
   * The backend whose pool is the route's: the last one, which is the default; empty if none has a
   * pool.
   */
  private String routePool(List<Proxy> targets) {
    return targets.stream()
        .filter(this::hasPool)
        .reduce((one, other) -> other)
        .map(Proxy::name)
        .orElse("");
  }

  private static Filter deny(Expression when, List<String> comments) {
    return new Filter("Deny", Map.of("status", "503"), when, comments);
  }

  private static Filter noServer(String backend) {
    return deny(Expression.Constant.TRUE, List.of("The backend " + backend + " has no server."));
  }

  private static String ofTcp(String backend) {
    return "The backend " + backend + " is of mode tcp.";
  }

  private void unserved(Statement line, Expression when, List<String> comments) {
    if (chosen != null && !chosen.isEmpty()) {
      return;
    }
    refused(line, when, deny(Expression.Constant.TRUE, List.of()), comments);
  }

  /** Requests that no backend gets. */
  private void refused(Statement line, Expression when, Filter deny, List<String> comments) {
    List<Filter> own = new ArrayList<>(requests);
    own.add(deny);
    List<Filter> filters = new ArrayList<>(afterResponses);
    filters.addAll(proxy.isBack() ? ErrorPages.of(context, proxy).instead(own) : own);
    led.addRefused(line, when);
    routes.add(
        new Route(ids.fresh(proxy.name() + "-none"), listeners, when, "", filters, comments));
  }

  private List<Filter> useServers(Proxy target) {
    Backends pool = pools.get(target.name());
    List<Filter> filters = new ArrayList<>();
    if (pool == null) {
      return filters;
    }
    for (Statement statement : target.takeAll("use-server")) {
      RuleCondition rule = RuleCondition.of(statement, 1);
      Optional<String> server = pool.server(rule.argument(0));
      Rules rules = new Rules(context, target, terms);
      Expression condition = Rules.plain(rules.condition(statement, rule));
      if (server.isEmpty()) {
        ledger.unsupported(
            statement, "left out: '" + rule.argument(0) + "' is no server of this pool");
      } else if (!condition.unknown().isEmpty()) {
        ledger.unsupported(statement, "left out: " + String.join("; ", condition.unknown()));
      } else {
        if (!condition.equals(Expression.Constant.FALSE)) {
          // The last one that applies counts, in HAProxy the first.
          filters.addFirst(Filter.of("PreferServer", condition, statement, "server", server.get()));
        }
        String differences = rules.how(condition.notes());
        if (differences.isEmpty()) {
          ledger.row(statement, "proxy", "use-server");
        } else {
          ledger.approximated(statement, differences);
        }
      }
    }
    // These rules choose before a cookie, which so comes first, too.
    filters.addAll(0, pool.preferences());
    return filters;
  }
}
