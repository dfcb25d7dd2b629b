package dev.understudy.haproxy.translate;

import dev.understudy.haproxy.acl.Expression;
import dev.understudy.haproxy.report.Ledger;
import dev.understudy.haproxy.syntax.HaproxyFile;
import dev.understudy.haproxy.syntax.HaproxySection;
import dev.understudy.haproxy.syntax.SectionKind;
import dev.understudy.haproxy.syntax.Statement;
import dev.understudy.haproxy.yaml.YamlAlias;
import dev.understudy.haproxy.yaml.YamlList;
import dev.understudy.haproxy.yaml.YamlMap;
import dev.understudy.haproxy.yaml.YamlNode;
import dev.understudy.haproxy.yaml.YamlScalar;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.function.Function;
import java.util.function.Predicate;
import java.util.stream.Collectors;

/** Translates a whole configuration. */
public final class Translator {
  /**
   * What became of a configuration.
   *
   * @param document the dynamic file
   * @param first what comes before all else in the report and the file; often empty
   * @param head remarks for its beginning
   * @param settings static settings that it needs, by name
   * @param extraFiles files beside it, by name
   */
  public record Translation(
      YamlMap document,
      String first,
      List<String> head,
      Map<String, String> settings,
      Map<String, String> extraFiles) {}

  private final HaproxyFile file;
  private final ImportContext context;
  private final Ledger ledger;
  private final List<ProxySection> proxies = new ArrayList<>();
  private final Map<ProxySection, FrontListeners> listeners = new LinkedHashMap<>();
  private final Map<String, Backends> pools = new LinkedHashMap<>();

  private Translator(
      HaproxyFile file,
      Ledger ledger,
      Function<String, Optional<String>> files,
      Predicate<String> taken) {
    this.file = file;
    this.ledger = ledger;
    context = new ImportContext(ledger, files, taken);
  }

  /**
   * Translates a configuration; each of its lines gets a verdict in the ledger.
   *
   * @param files the text of a file that it names; absent if that cannot be read
   * @param taken whether the name of a file beside the dynamic file is another one's
   */
  public static Translation translate(
      HaproxyFile file,
      Ledger ledger,
      Function<String, Optional<String>> files,
      Predicate<String> taken) {
    return new Translator(file, ledger, files, taken).run();
  }

  private Translation run() {
    ImportedSettings settings = new ImportedSettings(context);
    Userlists userlists = new Userlists(context);
    Resolvers resolvers = new Resolvers(context);
    file.sections(kind -> kind == SectionKind.GLOBAL).forEach(settings::global);
    file.sections(ImportedSettings::isPlain).forEach(settings::plain);
    file.sections(kind -> kind == SectionKind.USERLIST).forEach(userlists::read);
    file.sections(kind -> kind == SectionKind.RESOLVERS).forEach(resolvers::read);
    proxies();
    for (ProxySection proxy : proxies) {
      if (proxy.isFront()) {
        listeners.put(proxy, new FrontListeners(context, proxy));
      }
    }
    backends();
    List<Route> routes = listeners.isEmpty() ? backendsAlone() : fronts(settings);
    rest();
    ArgumentCheck.check(file, ledger);
    NameCheck.check(file, context, proxies);
    YamlMap root = YamlMap.block();
    resolvers.addTo(root);
    if (!context.listenersYaml.isEmpty()) {
      root.put("listeners", context.listenersYaml);
    }
    root.put("pools", context.poolsYaml);
    root.putAll(context.common);
    if (routes.isEmpty() && needsRoute()) {
      routes.add(nothing());
    }
    if (!routes.isEmpty()) {
      root.put("routes", yaml(routes));
    }
    return new Translation(
        root, context.first, context.remarks, context.settings, context.extraFiles);
  }

  private void proxies() {
    boolean alone = file.sections(Translator::listens).findAny().isEmpty();
    Map<String, List<Statement>> named = new HashMap<>();
    List<Statement> current = List.of();
    for (HaproxySection section : file.sections()) {
      if (section.kind() == SectionKind.DEFAULTS) {
        List<Statement> all = new ArrayList<>(inherited(section, named, List.of()));
        all.addAll(section.statements());
        current = all;
        if (!section.name().isEmpty()) {
          named.put(section.name(), all);
        }
        ledger.exact(section.header(), "");
      } else if (section.kind().isProxy()) {
        add(new ProxySection(section, inherited(section, named, current), alone, ledger));
      }
    }
  }

  /** The lines of the defaults section that a header names, or of another if it names none. */
  private List<Statement> inherited(
      HaproxySection section, Map<String, List<Statement>> named, List<Statement> other) {
    Optional<String> from = from(section.header());
    if (from.isPresent() && !named.containsKey(from.get())) {
      ledger.problem(
          section.header(), "expected the name of a defaults section, found '" + from.get() + "'");
    }
    return from.map(each -> named.getOrDefault(each, List.of())).orElse(other);
  }

  private static boolean listens(SectionKind kind) {
    return kind == SectionKind.FRONTEND || kind == SectionKind.LISTEN;
  }

  private static Optional<String> from(Statement header) {
    int at = header.from(0).indexOf("from");
    return at > 0 && at + 1 < header.size() ? Optional.of(header.word(at + 1)) : Optional.empty();
  }

  private void add(ProxySection proxy) {
    if (StatisticsSection.leaveOut(ledger, proxy)) {
      leaveOut(proxy);
      return;
    }
    if (proxy.has("disabled") && !proxy.has("enabled")) {
      ledger.notNeeded(proxy.header(), "disabled");
      proxy.statements().forEach(each -> ledger.notNeeded(each, "its section is disabled"));
      leaveOut(proxy);
      return;
    }
    ledger.exact(proxy.header(), "");
    proxies.add(proxy);
    proxy.statements().stream()
        .filter(each -> each.begins("http-request") && each.word(1).startsWith("set-var"))
        .forEach(each -> context.writtenVariables.add(VariableRules.name(each.word(1))));
    proxy.statements().stream()
        .filter(SessionKey::isSetByProxy)
        .forEach(each -> context.sessionCookies.add(each.word(1)));
    if (proxy.isBack()) {
      if (context.backends.put(proxy.name(), proxy) != null) {
        ledger.problem(proxy.header(), "expected each backend once: '" + proxy.name() + "'");
      }
    }
    proxy
        .take("stick-table")
        .ifPresent(
            each -> {
              context.tables.put(proxy.name(), StickTable.of(each));
              ledger.row(each, "proxy", "stick-table");
            });
  }

  /** Lines that lead to the section stay right: nothing is served there. */
  private void leaveOut(ProxySection proxy) {
    if (proxy.isBack()) {
      context.leftOut.add(proxy.name());
      context.backends.putIfAbsent(proxy.name(), proxy);
    }
  }

  private void backends() {
    for (ProxySection proxy : List.copyOf(context.backends.values())) {
      if (context.leftOut.contains(proxy.name())) {
        continue;
      }
      Backends backend = new Backends(context, proxy, frontPort(proxy));
      if (backend.translate()) {
        pools.put(proxy.name(), backend);
        context.pooled.add(proxy.name());
      }
    }
  }

  /** The only port that can lead to a backend: its own, or that of the only frontend. */
  private int frontPort(ProxySection backend) {
    List<Integer> ports =
        listeners.entrySet().stream()
            .filter(each -> each.getKey().equals(backend) || leadsTo(each.getKey(), backend))
            .flatMap(each -> each.getValue().ports().values().stream())
            .distinct()
            .toList();
    return ports.size() == 1 ? ports.getFirst() : 0;
  }

  private static boolean leadsTo(ProxySection front, ProxySection backend) {
    return front.statements().stream()
        .anyMatch(
            each ->
                (each.keyword().equals("use_backend") || each.keyword().equals("default_backend"))
                    && each.word(1).equals(backend.name()));
  }

  private List<Route> fronts(ImportedSettings settings) {
    List<ProxySection> http = listeners.keySet().stream().filter(each -> !each.isTcp()).toList();
    NameAllocator ids = new NameAllocator();
    List<Route> routes = new ArrayList<>();
    LogFields.choose(context, listeners.keySet());
    for (Map.Entry<ProxySection, FrontListeners> entry : listeners.entrySet()) {
      ProxySection proxy = entry.getKey();
      settings.front(proxy, listeners.size() == 1);
      if (proxy.isTcp()) {
        new TcpFrontend(context, proxy, entry.getValue(), tcpPools()).translate();
        continue;
      }
      entry.getValue().addTo(context.listenersYaml, Map.of());
      if (!proxy.isBack()) {
        SectionErrorPages.of(context, proxy).addTo(context.common);
      }
      Map<String, Integer> ports = entry.getValue().ports();
      List<Route> own =
          new HttpFront(
                  context,
                  proxy,
                  ports,
                  http.size() == 1 ? List.of() : List.copyOf(ports.keySet()),
                  pools,
                  ids)
              .translate();
      boolean isOnMainPort = listeners.values().stream().noneMatch(FrontListeners::areWritten);
      if (!ports.isEmpty() || isOnMainPort) {
        routes.addAll(own);
      }
      if (isOnMainPort && proxy.isFront() && !proxy.isBack()) {
        ledger.approximated(
            proxy.header(), "it has no 'bind': its routes are served on the main port");
        context.remark("No 'bind' is there: the routes are served on the main port, server.port.");
      } else if (ports.isEmpty() && proxy.isFront() && !proxy.isBack()) {
        ledger.unsupported(proxy.header(), "nothing listens for it, so its routes are left out");
      }
    }
    return routes;
  }

  /**
   * Routes of a file that has backends only, as pages print them: the rules of each are in force,
   * for all requests or, of several backends, for those to the host of its name.
   */
  private List<Route> backendsAlone() {
    List<ProxySection> alone =
        context.backends.values().stream()
            .filter(each -> !each.isTcp() && pools.containsKey(each.name()))
            .toList();
    List<Route> routes = new ArrayList<>();
    NameAllocator ids = new NameAllocator();
    for (ProxySection proxy : alone) {
      String host = context.pools.of(proxy.name());
      Expression when =
          alone.size() == 1 ? Expression.Constant.TRUE : new Expression.Term("host(" + host + ")");
      routes.addAll(
          new HttpFront(context, proxy, Map.of(), List.of(), pools, ids).translateAlone(when));
    }
    if (!alone.isEmpty()) {
      context.first =
          alone.size() == 1
              ? "No frontend: every request on the main port (server.port) goes to the backend "
                  + alone.getFirst().name()
                  + "."
              : "No frontend: each backend has a route on the main port (server.port) for requests"
                  + " to the host of its name; change these predicates to what leads there.";
    }
    return routes;
  }

  /** Whether something other than relaying TCP is left to do. */
  private boolean needsRoute() {
    return context.listenersYaml.isEmpty()
        || listeners.entrySet().stream()
            .anyMatch(each -> !each.getKey().isTcp() && !each.getValue().ports().isEmpty());
  }

  private static Route nothing() {
    return new Route(
        "none",
        List.of(),
        Expression.Constant.TRUE,
        "",
        List.of(new Filter("Deny", Map.of("status", "503"), Expression.Constant.TRUE, List.of())),
        List.of("Nothing that is served is left: see the report."));
  }

  private Set<String> tcpPools() {
    return pools.keySet().stream()
        .filter(each -> context.backend(each).isTcp())
        .collect(Collectors.toSet());
  }

  /** Judges what no translator took. */
  private void rest() {
    for (ProxySection proxy : proxies) {
      for (Statement statement : proxy.leftovers()) {
        if (isRelevant(proxy, statement) || !isInherited(proxy, statement)) {
          Remaining.judge(ledger, statement);
        }
      }
      for (Statement acl : proxy.aclLines()) {
        if (proxy.acls().used().contains(acl.word(1))) {
          ledger.row(acl, "proxy", "acl");
        } else if (!ledger.isJudged(acl)) {
          ledger.notNeeded(acl, "no rule that is said uses it");
        }
      }
    }
    file.sections(kind -> kind == SectionKind.DEFAULTS)
        .flatMap(section -> section.statements().stream())
        .filter(statement -> !ledger.isJudged(statement))
        .forEach(statement -> ledger.notNeeded(statement, "no section that needs it inherits it"));
  }

  private static boolean isInherited(ProxySection proxy, Statement statement) {
    return statement.line() < proxy.header().line();
  }

  private static boolean isRelevant(ProxySection proxy, Statement statement) {
    return Remaining.isOf(statement, proxy.isFront(), proxy.isBack());
  }

  private YamlList yaml(List<Route> routes) {
    YamlList list = YamlList.block();
    Map<List<Filter>, YamlList> written = new HashMap<>();
    Map<List<Filter>, String> anchors = new HashMap<>();
    for (Route route : routes) {
      YamlMap map = YamlMap.block();
      map.put("id", YamlScalar.text(route.id()));
      map.put(
          "uri", YamlScalar.text(route.pool().isEmpty() ? "no://op" : "pool://" + route.pool()));
      map.put("predicates", YamlList.flow(route.predicates()));
      if (!route.filters().isEmpty()) {
        map.put("filters", filters(route, written, anchors));
      }
      list.add(map, route.comments());
    }
    return list;
  }

  private static YamlNode filters(
      Route route, Map<List<Filter>, YamlList> written, Map<List<Filter>, String> anchors) {
    YamlList first = written.get(route.filters());
    if (first != null && route.filters().size() > 1) {
      String anchor =
          anchors.computeIfAbsent(route.filters(), any -> "filters-" + (anchors.size() + 1));
      first.anchor(anchor);
      return new YamlAlias(anchor);
    }
    YamlList list = YamlList.block();
    route.filters().forEach(each -> list.add(each.yaml(), each.comments()));
    written.put(route.filters(), list);
    return list;
  }
}
