package dev.understudy.haproxy.translate;

import dev.understudy.haproxy.acl.TermDifference;
import dev.understudy.haproxy.acl.TranslatedCondition;
import dev.understudy.haproxy.acl.TranslatedCondition.Constant;
import dev.understudy.haproxy.report.Verdict;
import dev.understudy.haproxy.syntax.Statement;
import dev.understudy.haproxy.syntax.SyntaxException;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/**
 * The lines of an HTTP frontend that lead requests to backends: which backends they choose, in
 * order, and the verdicts on the lines.
 */
final class BackendSelection extends SectionTranslation {
  /**
   * One choice: requests that meet {@code when} go to {@code backend}.
   *
   * @param backend empty: requests get this status instead
   */
  record Choice(
      Statement line,
      TranslatedCondition when,
      String backend,
      String status,
      List<String> comments) {
    boolean refuses() {
      return backend.isEmpty();
    }
  }

  private static final String ROW = "proxy use_backend";

  private static final String TOO_LATE =
      "left out: its condition reads what earlier rules change, and one route would need more than"
          + (" "
              + HttpFrontendTranslation.MOST_FILTERS
              + " filters; choose the backend by what clients send");

  final List<Choice> choices = new ArrayList<>();

  /** What the lines read, whether variables in it are set or not. */
  final List<TranslatedCondition> reads = new ArrayList<>();

  /** What becomes of the lines. */
  final List<RuleTranslation> lines = new ArrayList<>();

  private final FrontendTermContext terms;
  private final String means;
  private final List<ImportedFilter> later;

  /** Whether a line before leads to the default backend. */
  private boolean usesDefault;

  /**
   * @param terms what the rules before leave
   * @param means what chooses, for reports: routes or filters
   * @param later filters that change requests after the choice
   */
  BackendSelection(
      ProxySection proxy, FrontendTermContext terms, String means, List<ImportedFilter> later) {
    super(proxy);
    this.terms = terms;
    this.means = means;
    this.later = later;
    boolean ended = false;
    for (Statement statement : proxy.takeAll("use_backend")) {
      RuleTranslation rule = rule(statement);
      ended |= choose(rule);
      lines.add(rule);
    }
    Optional<Statement> last = proxy.take("default_backend");
    if (last.isPresent()) {
      RuleTranslation rule = rule(last.get());
      chooseDefault(rule, ended);
      lines.add(rule);
    } else if (context.pooled.containsKey(proxy.name()) && proxy.isBack()) {
      lead(proxy.header(), Constant.TRUE, proxy.name());
    } else if (!ended) {
      choices.add(new Choice(proxy.header(), Constant.TRUE, "", "503", List.of()));
    }
  }

  private RuleTranslation rule(Statement statement) {
    return new RuleTranslation(proxy, terms, RuleLine.of(statement, 1));
  }

  private void chooseDefault(RuleTranslation rule, boolean ended) {
    String name = rule.line.argument(0);
    if (!context.backends.containsKey(name)) {
      return;
    }
    if (ended && !usesDefault) {
      rule.notNeeded("a line above leads every request away");
      return;
    }
    rule.row("proxy default_backend", "");
    if (!ended) {
      lead(rule.line.statement(), Constant.TRUE, name);
    }
  }

  private void lead(Statement line, TranslatedCondition when, String backend) {
    choices.add(new Choice(line, when, backend, "", List.of(line.source())));
  }

  /** Returns whether every request is led away. */
  private boolean choose(RuleTranslation rule) {
    TranslatedCondition read = rule.read(rule.line);
    reads.add(read);
    TranslatedCondition condition = rule.noted(rule.withVariables(read)).plain();
    String name = rule.line.argument(0);
    if (name.contains("%")) {
      return choose(rule, name, condition);
    }
    if (!context.backends.containsKey(name)) {
      return false;
    }
    String how = rule.how(condition.notes());
    String unknown = condition.whyUnknown();
    TranslatedCondition when = condition.bound(true);
    if (isTooLate(List.of(when))) {
      rule.guardUnsupported(TOO_LATE);
      return false;
    }
    if (!unknown.isEmpty() && context.pooled.containsKey(name)) {
      undecided(rule, name, condition, unknown);
      return false;
    }
    if (rule.isNever(when)) {
      return false;
    }
    if (unknown.isEmpty()) {
      rule.translated(ROW, how, TermDifference.areWeaker(condition.notes()));
    } else {
      String which =
          when.isAlways()
              ? "REFUSES EVERY REQUEST of this listener: all go to the backend %s, which serves"
                  + " none, as the condition of this line cannot be translated: %s"
              : "leads more requests than HAProxy does to the backend %s, which serves none: %s";
      String text = which.formatted(name, unknown);
      rule.guardApproximated(text);
      if (when.isAlways()) {
        context.remarks.add("Line " + rule.line.statement().line() + " " + text + ".");
      }
    }
    lead(rule.line.statement(), when, name);
    return when.isAlways();
  }

  /**
   * A line whose condition is unknown in part: what is known leads on; what may go there or not is
   * refused, as the lines that follow may be meant for fewer requests.
   */
  private void undecided(
      RuleTranslation rule, String name, TranslatedCondition condition, String unknown) {
    Statement line = rule.line.statement();
    TranslatedCondition known = condition.bound(false);
    TranslatedCondition wider = condition.bound(true);
    if (!known.isNever()) {
      lead(line, known, name);
    }
    if (wider.isAlways()) {
      rule.guardUnsupported(
          "left out, so that requests go where later lines lead them: " + unknown);
    } else {
      choices.add(new Choice(line, wider, "", "403", List.of(line.source())));
      rule.guardApproximated(
          "requests that HAProxy might lead to this backend are refused: " + unknown);
    }
  }

  /** Whether a route would be chosen before rules have changed what these conditions read. */
  private boolean isTooLate(List<TranslatedCondition> conditions) {
    return later.stream().anyMatch(each -> each.changesAny(conditions.stream()));
  }

  /** A line that a value of the request leads; returns whether every request is led away. */
  private boolean choose(RuleTranslation rule, String name, TranslatedCondition condition) {
    if (!condition.whyUnknown().isEmpty()) {
      rule.guardUnsupported("left out: " + condition.whyUnknown());
      return false;
    }
    try {
      DynamicBackendName value = DynamicBackendName.of(context, name);
      List<DynamicBackendName.Choice> named = value.ofRequests(rule);
      List<TranslatedCondition> conditions = new ArrayList<>(List.of(condition));
      named.forEach(each -> conditions.add(each.when()));
      reads.addAll(conditions);
      if (isTooLate(conditions)) {
        rule.guardUnsupported(TOO_LATE);
        return false;
      }
      List<TermDifference> notes =
          conditions.stream().flatMap(each -> each.notes().stream()).distinct().toList();
      String expanded = named.size() + " " + means + ", " + value.expanded();
      String how = RuleConditions.joined(expanded, rule.how(notes));
      if (named.isEmpty()) {
        String why = "no backend has such a name: the default backend serves";
        rule.judge(Verdict.EXACT, false, why);
      } else {
        rule.translated(ROW, how, TermDifference.areWeaker(notes));
      }
      lead(rule.line.statement(), named, condition);
      return condition.isAlways();
    } catch (SyntaxException e) {
      rule.guardUnsupported("left out: " + e.text());
      return false;
    }
  }

  private void lead(
      Statement line, List<DynamicBackendName.Choice> named, TranslatedCondition condition) {
    List<String> comments = List.of(line.source());
    for (DynamicBackendName.Choice choice : named) {
      TranslatedCondition when = TranslatedCondition.all(condition, choice.when());
      if (choice.backend().isEmpty()) {
        leadToDefault(line, when, comments);
      } else {
        choices.add(new Choice(line, when, choice.backend(), "", comments));
      }
      comments = List.of();
    }
    if (named.isEmpty() || !named.getLast().when().isAlways()) {
      leadToDefault(line, condition, comments);
    }
  }

  /** Leads requests to the default backend, for which no later line counts. */
  private void leadToDefault(Statement line, TranslatedCondition when, List<String> comments) {
    Optional<String> name =
        proxy
            .last("default_backend")
            .map(each -> each.word(1))
            .or(() -> Optional.of(proxy.name()).filter(each -> proxy.isBack()))
            .filter(context.backends::containsKey);
    usesDefault = true;
    choices.add(new Choice(line, when, name.orElse(""), name.isPresent() ? "" : "503", comments));
  }
}
