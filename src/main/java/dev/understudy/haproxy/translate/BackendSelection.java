package dev.understudy.haproxy.translate;

import dev.understudy.haproxy.acl.Expression;
import dev.understudy.haproxy.acl.Note;
import dev.understudy.haproxy.report.Judgement;
import dev.understudy.haproxy.syntax.Statement;
import dev.understudy.haproxy.syntax.SyntaxException;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.stream.Stream;

/**
 * The lines of an HTTP frontend that lead requests to backends: which backends they choose, in
 * order, and the verdicts on the lines.
 */
final class BackendSelection {
  /**
   * A choice.
   *
   * @param backend empty: requests get this status instead
   */
  record Choice(
      Statement line, Expression when, String backend, String status, List<String> comments) {
    boolean refuses() {
      return backend.isEmpty();
    }
  }

  private static final String ROW = "proxy use_backend";

  private static final String TOO_LATE =
      "left out: its condition reads what rules before it change, and one route would need more"
          + " than "
          + HttpFront.MOST_FILTERS
          + " filters; choose the backend by what clients send";

  final List<Choice> choices = new ArrayList<>();

  /** What becomes of the lines. */
  final List<TranslatedRule> lines = new ArrayList<>();

  private final ImportContext context;
  private final ProxySection proxy;
  private final FrontTerms terms;
  private final Map<String, Backends> pools;
  private final String means;
  private final List<Filter> later;

  /** Whether a line before leads to the default backend. */
  private boolean usesDefault;

  /**
   * @param terms what the rules before leave
   * @param pools the backends that have a pool
   * @param means what chooses, for reports: routes or filters
   * @param later filters that change requests after the choice
   */
  BackendSelection(
      ImportContext context,
      ProxySection proxy,
      FrontTerms terms,
      Map<String, Backends> pools,
      String means,
      List<Filter> later) {
    this.context = context;
    this.proxy = proxy;
    this.terms = terms;
    this.pools = pools;
    this.means = means;
    this.later = later;
    boolean ended = false;
    for (Statement statement : proxy.takeAll("use_backend")) {
      RuleTranslation rule = rule(statement);
      ended |= choose(rule);
      lines.add(rule.end());
    }
    Optional<Statement> last = proxy.take("default_backend");
    if (last.isPresent()) {
      RuleTranslation rule = rule(last.get());
      chooseDefault(rule, ended);
      lines.add(rule.end());
    } else if (pools.containsKey(proxy.name()) && proxy.isBack()) {
      lead(proxy.header(), Expression.Constant.TRUE, proxy.name());
    } else if (!ended) {
      choices.add(new Choice(proxy.header(), Expression.Constant.TRUE, "", "503", List.of()));
    }
  }

  /** What the conditions of the lines read, whatever becomes of them. */
  static List<Expression> reads(Rules rules) {
    return rules.proxy.takeAll("use_backend").stream()
        .map(each -> RuleLine.of(each, 1))
        .flatMap(each -> reads(rules, each))
        .toList();
  }

  private static Stream<Expression> reads(Rules rules, RuleLine line) {
    List<Expression> all = new ArrayList<>();
    try {
      if (!line.condition().isEmpty()) {
        all.add(rules.proxy.acls().condition(line.condition(), rules.terms));
      }
      if (line.argument(0).contains("%[")) {
        BackendName.of(rules.context, line.argument(0))
            .ofRequests(rules)
            .forEach(each -> all.add(each.when()));
      }
    } catch (SyntaxException e) {
      // Its verdict follows where the line is translated.
    }
    return all.stream();
  }

  private RuleTranslation rule(Statement statement) {
    return new RuleTranslation(context, proxy, terms, RuleLine.of(statement, 1));
  }

  private void chooseDefault(RuleTranslation rule, boolean ended) {
    String name = rule.line.argument(0);
    if (!isBackend(rule, name)) {
      return;
    }
    if (ended && !usesDefault) {
      rule.notNeeded("a line above leads every request away");
      return;
    }
    rule.row("proxy default_backend", "");
    if (!ended) {
      lead(rule.line.statement(), Expression.Constant.TRUE, name);
    }
  }

  private boolean isBackend(RuleTranslation rule, String name) {
    boolean known = context.backends.containsKey(name);
    if (!known) {
      String names =
          context.backends.isEmpty() ? "none" : String.join(", ", context.backends.keySet());
      rule.problem("expected the name of a backend, found '" + name + "'; there are " + names);
    }
    return known;
  }

  private void lead(Statement line, Expression when, String backend) {
    choices.add(new Choice(line, when, backend, "", List.of(line.source())));
  }

  /** Returns whether every request is led away. */
  private boolean choose(RuleTranslation rule) {
    Expression condition = Rules.plain(rule.noted(rule.condition()));
    String name = rule.line.argument(0);
    if (name.contains("%")) {
      return choose(rule, name, condition);
    }
    if (!isBackend(rule, name)) {
      return false;
    }
    String how = rule.how(condition.notes());
    String unknown = String.join("; ", condition.unknown());
    Expression when = condition.bound(true);
    if (isTooLate(List.of(when))) {
      rule.guardUnsupported(TOO_LATE);
      return false;
    }
    if (!unknown.isEmpty() && pools.containsKey(name)) {
      undecided(rule, name, condition, unknown);
      return false;
    }
    if (rule.isNever(when)) {
      return false;
    }
    if (unknown.isEmpty()) {
      rule.translated(ROW, how, Note.areWeaker(condition.notes()));
    } else {
      rule.guardApproximated(
          "leads more requests than HAProxy to this backend, which serves none: " + unknown);
    }
    lead(rule.line.statement(), when, name);
    return when.equals(Expression.Constant.TRUE);
  }

  /**
   * A line whose condition is unknown in part: what is known leads on; what may go there or not is
   * refused, as the lines that follow may be meant for fewer requests.
   */
  private void undecided(RuleTranslation rule, String name, Expression condition, String unknown) {
    Statement line = rule.line.statement();
    Expression known = condition.bound(false);
    Expression wider = condition.bound(true);
    if (!known.equals(Expression.Constant.FALSE)) {
      lead(line, known, name);
    }
    if (wider.equals(Expression.Constant.TRUE)) {
      rule.guardUnsupported(
          "left out, so that requests go where later lines lead them: " + unknown);
    } else {
      choices.add(new Choice(line, wider, "", "403", List.of(line.source())));
      rule.guardApproximated(
          "requests that HAProxy may lead here, or elsewhere, are refused: " + unknown);
    }
  }

  /** Whether a route would be chosen before rules have changed what these conditions read. */
  private boolean isTooLate(List<Expression> conditions) {
    return RequestChanges.concern(later, conditions);
  }

  /** A line that a value of the request leads; returns whether every request is led away. */
  private boolean choose(RuleTranslation rule, String name, Expression condition) {
    if (!condition.unknown().isEmpty()) {
      String why = String.join("; ", condition.unknown());
      rule.guardUnsupported("left out: " + why);
      return false;
    }
    try {
      BackendName value = BackendName.of(context, name);
      List<BackendName.Choice> named = value.ofRequests(rule);
      List<Expression> conditions = new ArrayList<>(List.of(condition));
      named.forEach(each -> conditions.add(each.when()));
      if (isTooLate(conditions)) {
        rule.guardUnsupported(TOO_LATE);
        return false;
      }
      List<Note> notes =
          conditions.stream().flatMap(each -> each.notes().stream()).distinct().toList();
      String expanded = named.size() + " " + means + ", " + value.expanded();
      String how = Rules.joined(expanded, rule.how(notes));
      if (named.isEmpty()) {
        String why = "no backend has such a name: the default backend serves";
        rule.judge(Judgement.exact(why));
      } else {
        rule.translated(ROW, how, Note.areWeaker(notes));
      }
      lead(rule.line.statement(), named, condition);
      return condition.equals(Expression.Constant.TRUE);
    } catch (SyntaxException e) {
      rule.guardUnsupported("left out: " + e.text());
      return false;
    }
  }

  private void lead(Statement line, List<BackendName.Choice> named, Expression condition) {
    List<String> comments = List.of(line.source());
    for (BackendName.Choice choice : named) {
      Expression when = Expression.all(List.of(condition, choice.when()));
      if (choice.backend().isEmpty()) {
        leadToDefault(line, when, comments);
      } else {
        choices.add(new Choice(line, when, choice.backend(), "", comments));
      }
      comments = List.of();
    }
    if (named.isEmpty() || !named.getLast().when().equals(Expression.Constant.TRUE)) {
      leadToDefault(line, condition, comments);
    }
  }

  /** Leads requests to the default backend, for which no later line counts. */
  private void leadToDefault(Statement line, Expression when, List<String> comments) {
    Optional<String> name =
        proxy.statements().stream()
            .filter(each -> each.keyword().equals("default_backend"))
            .map(each -> each.word(1))
            .reduce((first, second) -> second)
            .or(() -> Optional.of(proxy.name()).filter(each -> proxy.isBack()))
            .filter(context.backends::containsKey);
    usesDefault = true;
    choices.add(new Choice(line, when, name.orElse(""), name.isPresent() ? "" : "503", comments));
  }
}
