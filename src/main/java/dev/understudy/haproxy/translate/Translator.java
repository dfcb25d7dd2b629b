package dev.understudy.haproxy.translate;

import dev.understudy.haproxy.acl.TranslatedCondition;
import dev.understudy.haproxy.report.VerdictLedger;
import dev.understudy.haproxy.syntax.HaproxyFile;
import dev.understudy.haproxy.syntax.HaproxyVersion;
import dev.understudy.haproxy.syntax.SectionKind;
import dev.understudy.haproxy.syntax.Statement;
import dev.understudy.haproxy.yaml.YamlNode.YamlMap;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.Function;
import java.util.function.Predicate;

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
  private final VerdictLedger ledger;
  private final List<ProxySection> proxies = new ArrayList<>();
  private final Map<ProxySection, FrontendListeners> listeners = new LinkedHashMap<>();

  private Translator(HaproxyFile file, ImportContext context) {
    this.file = file;
    this.context = context;
    ledger = context.ledger;
  }

  /**
   * Translates a configuration; each of its lines gets a verdict in the ledger.
   *
   * @param files the text of a file that it names; absent if that cannot be read
   * @param taken whether the name of a file beside the dynamic file is another one's
   * @param version whose defaults hold
   */
  public static Translation translate(
      HaproxyFile file,
      VerdictLedger ledger,
      Function<String, Optional<String>> files,
      Predicate<String> taken,
      HaproxyVersion version) {
    return new Translator(file, new ImportContext(ledger, files, taken, version)).run();
  }

  private Translation run() {
    ImportedSettings settings = new ImportedSettings(context);
    file.sections(kind -> kind == SectionKind.GLOBAL).forEach(settings::global);
    file.sections(ImportedSettings::isPlain).forEach(settings::plain);
    file.sections(kind -> kind == SectionKind.USERLIST)
        .forEach(each -> Userlists.read(each, context));
    YamlMap dns = Resolvers.read(file.sections(kind -> kind == SectionKind.RESOLVERS), ledger);
    Healthchecks.read(file, context);
    ProxySection.all(file, context).forEach(this::add);
    for (ProxySection proxy : proxies) {
      if (proxy.isFront()) {
        listeners.put(proxy, new FrontendListeners(proxy));
      }
    }
    backends();
    List<ImportedRoute> routes = listeners.isEmpty() ? backendsAlone() : fronts(settings);
    rest();
    Healthchecks.judge(file, context);
    ArgumentCheck.check(file, ledger);
    NameCheck.check(file, context, proxies);
    YamlMap root = YamlMap.block();
    if (!dns.isEmpty()) {
      root.put("dns", dns);
    }
    if (!context.listenersYaml.isEmpty()) {
      root.put("listeners", context.listenersYaml);
    }
    root.put("pools", context.poolsYaml);
    root.putAll(context.common);
    if (routes.isEmpty() && needsRoute()) {
      routes.add(ImportedRoute.nothing());
    }
    if (!routes.isEmpty()) {
      root.put("routes", ImportedRoute.yaml(routes));
    }
    return new Translation(
        root, context.first, List.copyOf(context.remarks), context.settings, context.extraFiles);
  }

  private void add(ProxySection proxy) {
    if (StatisticsSection.leaveOut(proxy)) {
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
    proxy
        .lines("http-request")
        .filter(each -> each.word(1).startsWith("set-var"))
        .forEach(each -> context.writtenVariables.add(VariableRules.name(each.word(1))));
    proxy.statements().stream()
        .filter(StickySessions::isSetByProxy)
        .forEach(each -> context.sessionCookies.add(each.word(1)));
    if (proxy.isBack()) {
      if (context.backends.put(proxy.name(), proxy) != null) {
        ledger.problem(proxy.header(), "expected each backend once: '" + proxy.name() + "'");
      }
    }
    proxy
        .take("stick-table")
        .ifPresent(each -> context.tables.put(proxy.name(), StickTable.of(each)));
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
      BackendTranslation backend = new BackendTranslation(proxy, frontPort(proxy));
      if (backend.translate()) {
        context.pooled.put(proxy.name(), backend);
      }
    }
  }

  /** The only port that can lead to a backend: its own, or the only frontend's. */
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
    return front.lines("use_backend", backend.name()).findAny().isPresent()
        || front.lines("default_backend", backend.name()).findAny().isPresent();
  }

  private List<ImportedRoute> fronts(ImportedSettings settings) {
    List<ProxySection> http = listeners.keySet().stream().filter(each -> !each.isTcp()).toList();
    List<ImportedRoute> routes = new ArrayList<>();
    AccessLogFields.choose(context, listeners.keySet());
    for (Map.Entry<ProxySection, FrontendListeners> entry : listeners.entrySet()) {
      ProxySection proxy = entry.getKey();
      settings.front(proxy, listeners.size() == 1);
      if (proxy.isTcp()) {
        new TcpFrontendTranslation(proxy, entry.getValue()).translate();
        continue;
      }
      entry.getValue().addTo(context.listenersYaml, YamlMap.block());
      if (!proxy.isBack()) {
        new SectionErrorPages(proxy).addTo(context.common);
      }
      Map<String, Integer> ports = entry.getValue().ports();
      List<ImportedRoute> own =
          new HttpFrontendTranslation(
                  proxy, ports, http.size() == 1 ? List.of() : List.copyOf(ports.keySet()))
              .translate();
      boolean isOnMainPort = listeners.values().stream().noneMatch(each -> each.areWritten);
      if (!ports.isEmpty() || isOnMainPort) {
        routes.addAll(own);
      }
      if (isOnMainPort && proxy.isFront() && !proxy.isBack()) {
        ledger.approximated(
            proxy.header(), "it has no 'bind': its routes are served on the main port");
        context.remarks.add(
            "No 'bind' is there: the routes are served on the main port, server.port.");
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
  private List<ImportedRoute> backendsAlone() {
    List<ProxySection> alone =
        context.backends.values().stream()
            .filter(each -> !each.isTcp() && context.pooled.containsKey(each.name()))
            .toList();
    List<ImportedRoute> routes = new ArrayList<>();
    for (ProxySection proxy : alone) {
      String host = context.pools.of(proxy.name());
      TranslatedCondition when =
          alone.size() == 1
              ? TranslatedCondition.Constant.TRUE
              : new TranslatedCondition.Term("host(" + host + ")");
      routes.addAll(new HttpFrontendTranslation(proxy, Map.of(), List.of()).translateAlone(when));
    }
    if (!alone.isEmpty()) {
      context.first =
          alone.size() == 1
              ? "No frontend: every request on the main port (server.port) goes to the backend %s."
                  .formatted(alone.getFirst().name())
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

  /** Judges what no translator took. */
  private void rest() {
    if (context.leftOut.isEmpty()) {
      proxies.stream()
          .flatMap(each -> each.lines("force-be-switch"))
          .forEach(each -> ledger.notNeeded(each, "no backend is disabled"));
    }
    for (ProxySection proxy : proxies) {
      for (Statement statement : proxy.leftovers()) {
        if (proxy.isOwn(statement)
            || RemainingLines.isOf(statement, proxy.isFront(), proxy.isBack())) {
          if (proxy.isTcp() && SectionErrorPages.isOf(statement) && !ledger.isJudged(statement)) {
            ledger.notNeeded(statement, "TCP has no error pages");
          }
          RemainingLines.judge(ledger, statement);
        }
      }
      for (Statement acl : proxy.lines("acl").toList()) {
        if (proxy.acls().used().contains(acl.word(1))) {
          ledger.row(acl, "proxy", "acl");
        } else if (!ledger.isJudged(acl)) {
          ledger.notNeeded(acl, "no rule that is in force uses it");
        }
      }
    }
    file.sections(kind -> kind == SectionKind.DEFAULTS)
        .flatMap(section -> section.statements().stream())
        .filter(statement -> !ledger.isJudged(statement))
        .forEach(statement -> ledger.notNeeded(statement, "no section that needs it inherits it"));
  }
}
