package dev.understudy.haproxy.translate;

import dev.understudy.haproxy.acl.TranslatedCondition;
import dev.understudy.haproxy.acl.TranslatedCondition.Constant;
import dev.understudy.haproxy.syntax.Statement;
import dev.understudy.haproxy.translate.BackendSelection.Choice;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.stream.Stream;

/**
 * Translates an HTTP frontend into routes, one for each choice of a backend. If a choice reads what
 * rules before it change, one route has filters that choose: pools alone if no backend has rules of
 * its own, else {@linkplain BackendsByVariable backends by a variable}.
 */
final class HttpFrontendTranslation extends SectionTranslation {
  /** Most filters of one route; see the limits of the dynamic file. */
  static final int MOST_FILTERS = 64;

  private static final String NO_BACKEND = "No backend: HAProxy responds with 503.";

  private static final Set<String> OWN_RULES =
      Set.of("http-request", "http-response", "http-after-response", "redirect", "use-server");

  /**
   * What a backend's own lines do.
   *
   * @param rules before a server has the request
   * @param filters the same, and what chooses the server
   * @param changes of responses
   */
  private record Target(
      List<ImportedFilter> rules, List<ImportedFilter> filters, List<ImportedFilter> changes) {}

  private final List<String> listeners;

  /** What the rules on requests leave. */
  private final FrontendTermContext terms;

  private final List<ImportedFilter> requests;
  private final List<ImportedFilter> responses;
  private final List<ImportedFilter> afterResponses;

  /** The frontend's own, which overrides a backend's. */
  private final Optional<ImportedFilter> compression;

  /**
   * @param listeners empty: this is the only HTTP frontend
   */
  HttpFrontendTranslation(ProxySection proxy, Map<String, Integer> ports, List<String> listeners) {
    super(proxy);
    this.listeners = listeners;
    TranslatedRules rules =
        TranslatedRules.ofRequests(proxy, new FrontendTermContext(proxy, ports));
    requests = rules.reported();
    terms = rules.after();
    responses = TranslatedRules.ofResponses(proxy, terms, "http-response");
    afterResponses =
        ImportedFilter.inOrderOfResponses(
            TranslatedRules.ofResponses(proxy, terms, "http-after-response"));
    compression = OptionFilters.compression(proxy);
  }

  /** The routes of a backend that no frontend leads to. */
  List<ImportedRoute> translateAlone(TranslatedCondition when) {
    Statement header = proxy.header();
    return routes(
        List.of(new Choice(header, when, proxy.name(), "", List.of(header.source()))), false);
  }

  List<ImportedRoute> translate() {
    BackendSelection lines = select("routes", List.of());
    List<TranslatedCondition> reads = lines.reads;
    boolean late = requests.stream().anyMatch(each -> each.changesAny(reads.stream()));
    boolean byPool =
        late
            && reads.stream().allMatch(each -> each.plain().whyUnknown().isEmpty())
            && proxy.has("default_backend")
            && Stream.of("use_backend", "default_backend")
                .flatMap(each -> proxy.takeAll(each).stream())
                .allMatch(each -> isSimple(each.word(1)));
    if (late && !byPool) {
      Optional<ImportedRoute> route = byVariable(select("filters", List.of()));
      if (route.isPresent()) {
        return List.of(route.get());
      }
      lines = select("routes", requests);
    }
    lines.lines.forEach(each -> each.report());
    return routes(lines.choices, byPool);
  }

  private BackendSelection select(String means, List<ImportedFilter> later) {
    return new BackendSelection(proxy, terms, means, later);
  }

  /** Whether a backend has no rules of its own, so that its pool alone is to be chosen. */
  private boolean isSimple(String name) {
    ProxySection backend = context.backends.get(name);
    return backend != null
        && !pool(backend).isEmpty()
        && backend.statements().stream()
            .noneMatch(
                each ->
                    OWN_RULES.contains(each.keyword())
                        || (each.keyword().equals("cookie") && !StickySessions.isSetByProxy(each)));
  }

  /** A route for each choice, or for each that is not one of pools that filters choose. */
  private List<ImportedRoute> routes(List<Choice> choices, boolean byPool) {
    BackendGuards judged = new BackendGuards();
    List<ImportedRoute> routes = new ArrayList<>();
    List<ImportedFilter> usePools = new ArrayList<>();
    for (Choice each : choices) {
      if (byPool && !each.refuses() && !each.when().isAlways()) {
        // The last one that applies counts, in HAProxy the first.
        Map<String, String> pool = Map.of("pool", context.pools.of(each.backend()));
        usePools.addFirst(new ImportedFilter("UsePool", pool, each.when(), each.comments()));
      } else {
        routes.add(route(each, usePools, judged));
      }
    }
    judged.judgeWeaker(ledger);
    if (routes.size() > MOST_FILTERS) {
      if (judged.mayRefuse()) {
        ledger.guardApproximated(
            proxy.header(),
            "routes look at the normalised path alone: requests with other forms of a path may miss"
                + " a backend that refuses them");
      }
      return routes;
    }
    // What denies paths that another backend refuses in another form.
    List<ImportedRoute> guarded = new ArrayList<>();
    for (ImportedRoute route : routes) {
      guarded.add(judged.pathGuard(guarded.size()).map(route::after).orElse(route));
    }
    return guarded;
  }

  private ImportedRoute route(Choice choice, List<ImportedFilter> usePools, BackendGuards judged) {
    Optional<String> unserved = unserved(choice.backend());
    if (choice.refuses() || unserved.isPresent()) {
      boolean is503 = !choice.status().equals("403");
      ImportedFilter deny = ImportedFilter.deny(is503 ? "503" : "403", Constant.TRUE);
      judged.add(
          new Choice(choice.line(), choice.when(), "", choice.status(), List.of()), List.of(deny));
      List<ImportedFilter> own = new ArrayList<>(requests);
      own.add(deny);
      List<ImportedFilter> filters = new ArrayList<>(afterResponses);
      filters.addAll(proxy.isBack() ? new SectionErrorPages(proxy).instead(own) : own);
      List<String> why = is503 ? List.of(unserved.orElse(NO_BACKEND)) : choice.comments();
      return new ImportedRoute(
          context.routes.fresh(proxy.name() + "-none"), listeners, choice.when(), "", filters, why);
    }
    ProxySection backend = context.backend(choice.backend());
    List<ImportedFilter> chosen = new ArrayList<>(usePools);
    compression.ifPresent(chosen::add);
    Target target = target(backend, chosen);
    judged.add(choice, target.rules());
    return new ImportedRoute(
        context.routes.fresh(
            isOther(backend) ? proxy.name() + "-" + backend.name() : backend.name()),
        listeners,
        choice.when(),
        pool(backend),
        filters(target.filters(), target.changes()),
        choice.comments());
  }

  /** Why a backend serves no requests; absent if it does, or has no server. */
  private Optional<String> unserved(String backend) {
    if (context.leftOut.contains(backend)) {
      return Optional.of("The backend " + backend + " is left out.");
    }
    return Optional.ofNullable(context.backends.get(backend))
        .filter(ProxySection::isTcp)
        .map(each -> "The backend " + backend + " is of mode tcp.");
  }

  /** The one route in which a variable chooses; absent if it would have too many filters. */
  private Optional<ImportedRoute> byVariable(BackendSelection lines) {
    List<Choice> choices = lines.choices;
    BackendsByVariable chosen = new BackendsByVariable(context, choices);
    Map<ProxySection, Target> targets = new LinkedHashMap<>();
    chosen.backends().forEach(each -> targets.put(each, chosenTarget(each)));
    // The last one is the default.
    String pool =
        targets.keySet().stream()
            .map(this::pool)
            .filter(each -> !each.isEmpty())
            .reduce("", (one, other) -> other);
    List<ImportedFilter> filters = new ArrayList<>(chosen.choices());
    targets.keySet().stream()
        .filter(each -> !pool(each).isEmpty() && !pool(each).equals(pool))
        .forEach(each -> filters.add(chosen.usePool(each)));
    if (!chosen.refused().isNever()) {
      filters.add(ImportedFilter.deny("503", chosen.refused(), NO_BACKEND));
    }
    BackendGuards judged = new BackendGuards();
    for (Choice each : choices) {
      if (!each.refuses()) {
        Target target = targets.get(context.backend(each.backend()));
        judged.add(each, target == null ? List.of() : target.filters());
      }
    }
    judged.pathGuard(chosen).ifPresent(filters::add);
    List<ImportedFilter> changes = new ArrayList<>();
    targets.forEach(
        (each, target) -> {
          filters.addAll(chosen.only(each, target.filters()));
          changes.addAll(chosen.only(each, target.changes()));
        });
    compression.ifPresent(filters::add);
    List<ImportedFilter> all = filters(filters, changes);
    if (all.size() > MOST_FILTERS) {
      return Optional.empty();
    }
    lines.lines.forEach(each -> each.report());
    judged.judgeWeaker(ledger);
    return Optional.of(
        new ImportedRoute(
            context.routes.fresh(proxy.name()),
            listeners,
            Constant.TRUE,
            pool,
            all,
            List.of(
                "Filters choose the backend, because earlier rules change what the choice depends"
                    + " on.")));
  }

  private Target chosenTarget(ProxySection backend) {
    Optional<String> unserved = unserved(backend.name());
    if (unserved.isPresent()) {
      List<ImportedFilter> deny =
          List.of(ImportedFilter.deny("503", Constant.TRUE, unserved.get()));
      return new Target(deny, deny, List.of());
    }
    return target(backend, List.of());
  }

  /**
   * What a backend's own lines do.
   *
   * @param chosen filters before those that choose a server
   */
  private Target target(ProxySection backend, List<ImportedFilter> chosen) {
    FrontendTermContext after = terms;
    List<ImportedFilter> rules = new ArrayList<>();
    Optional<ImportedFilter> ownCompression = Optional.empty();
    List<ImportedFilter> changes = List.of();
    if (isOther(backend)) {
      TranslatedRules own = TranslatedRules.ofRequests(backend, terms);
      after = own.after();
      rules.addAll(
          ImportedFilter.inOrderOfResponses(
              TranslatedRules.ofResponses(backend, after, "http-after-response")));
      rules.addAll(own.reported());
      ownCompression = OptionFilters.compression(backend).filter(each -> compression.isEmpty());
      changes = TranslatedRules.ofResponses(backend, after, "http-response");
    }
    if (pool(backend).isEmpty()) {
      String why = "The backend " + backend.name() + " has no server.";
      rules.add(ImportedFilter.deny("503", Constant.TRUE, why));
      rules = new SectionErrorPages(backend).instead(rules);
    }
    List<ImportedFilter> filters = new ArrayList<>(rules);
    OptionFilters.forwardedFor(proxy, backend).ifPresent(filters::add);
    OptionFilters.uniqueId(proxy).ifPresent(filters::add);
    filters.addAll(chosen);
    ownCompression.ifPresent(filters::add);
    BackendTranslation pool = context.pooled.get(backend.name());
    filters.addAll(pool == null ? List.of() : pool.preferences(after));
    return new Target(rules, filters, changes);
  }

  private boolean isOther(ProxySection backend) {
    return !backend.name().equals(proxy.name());
  }

  /** The pool of a backend; empty if it has none that serves HTTP. */
  private String pool(ProxySection backend) {
    boolean has = context.pooled.containsKey(backend.name()) && !backend.isTcp();
    return has ? context.pools.of(backend.name()) : "";
  }

  /** The frontend's filters around those of its backends. */
  private List<ImportedFilter> filters(List<ImportedFilter> own, List<ImportedFilter> ownChanges) {
    List<ImportedFilter> changes = new ArrayList<>(ownChanges);
    changes.addAll(responses);
    return Stream.of(afterResponses, requests, own, ImportedFilter.inOrderOfResponses(changes))
        .flatMap(List::stream)
        .toList();
  }
}
