package dev.understudy.haproxy.translate;

import dev.understudy.haproxy.syntax.Statement;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/**
 * What becomes of the rules of a section on requests, or on responses, in HAProxy's order.
 *
 * @param after what they leave, and those before them
 */
record TranslatedRules(List<RuleTranslation> rules, FrontendTermContext after) {
  /**
   * Translates the rules on requests: {@code tcp-request}, {@code monitor-uri}, {@code
   * http-request}, statistics, {@code redirect}.
   *
   * @param terms what the rules before them leave
   */
  static TranslatedRules ofRequests(ProxySection proxy, FrontendTermContext terms) {
    List<List<RuleLine>> sets = new ArrayList<>();
    for (String stage : List.of("connection", "session", "content")) {
      sets.add(lines(proxy.takeAll("tcp-request", stage), 2));
    }
    List<RuleLine> requests = new ArrayList<>();
    List<Statement> fails = proxy.takeAll("monitor", "fail");
    Optional<Statement> monitor = proxy.take("monitor-uri");
    if (monitor.isPresent()) {
      requests.addAll(lines(fails, 1));
      requests.add(RuleLine.of(monitor.get(), 0));
    } else {
      fails.forEach(each -> proxy.context.ledger.notNeeded(each, "there is no monitor-uri"));
    }
    requests.addAll(lines(proxy.takeAll("http-request"), 1));
    sets.add(requests);
    List<RuleLine> last =
        new ArrayList<>(lines(StatisticsSection.line(proxy).stream().toList(), 0));
    last.addAll(lines(proxy.takeAll("redirect"), 0));
    sets.add(last);
    return translate(proxy, terms, sets);
  }

  /**
   * Translates the rules on responses, with verdicts and settings.
   *
   * @param keyword {@code http-response} or {@code http-after-response}
   * @param terms what the rules on requests leave
   */
  static List<ImportedFilter> ofResponses(
      ProxySection proxy, FrontendTermContext terms, String keyword) {
    return translate(proxy, terms.ofResponse(), List.of(lines(proxy.takeAll(keyword), 1)))
        .reported();
  }

  private static List<RuleLine> lines(List<Statement> statements, int from) {
    return statements.stream().map(each -> RuleLine.of(each, from)).toList();
  }

  /** Translates each rule for the requests that the rules before it leave. */
  private static TranslatedRules translate(
      ProxySection proxy, FrontendTermContext start, List<List<RuleLine>> sets) {
    List<RuleTranslation> rules = new ArrayList<>();
    FrontendTermContext terms = start;
    for (List<RuleLine> set : sets) {
      ForwardAuthRules forwardAuth = ForwardAuthRules.of(set, proxy.context);
      terms = terms.after(terms.state().beginSet());
      for (RuleLine line : set) {
        RuleTranslation rule = new RuleTranslation(proxy, terms, line);
        if (forwardAuth == null || !forwardAuth.translate(rule)) {
          RuleActions.translate(rule);
        }
        if (line.row().startsWith("http-request ") && rule.isUnsupported()) {
          rule.after = rule.after.leaveOut(line);
        }
        rules.add(rule);
        terms = terms.after(rule.after);
      }
    }
    return new TranslatedRules(rules, terms.after(terms.state().beginSet()));
  }

  /** Writes the verdicts and the settings, and returns the filters. */
  List<ImportedFilter> reported() {
    rules.forEach(each -> each.report());
    return rules.stream().flatMap(each -> each.filters().stream()).toList();
  }
}
