package dev.understudy.haproxy.translate;

import dev.understudy.condition.ExpressionException;
import dev.understudy.condition.LinearPattern;
import dev.understudy.haproxy.acl.Expression;
import dev.understudy.haproxy.acl.Expression.Authenticated;
import dev.understudy.haproxy.acl.Expression.Rate;
import dev.understudy.haproxy.acl.Expression.Unknown;
import dev.understudy.haproxy.acl.LogFormat;
import dev.understudy.haproxy.acl.LogFormat.Alternative;
import dev.understudy.haproxy.acl.Note;
import dev.understudy.haproxy.report.Ledger;
import dev.understudy.haproxy.syntax.Statement;
import dev.understudy.haproxy.syntax.SyntaxException;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.BiFunction;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * Conditions of the rules of one section, in order: what an earlier rule let pass no later one
 * sees.
 */
class Rules {
  /** Of {@code replace-value}. */
  static final String WHOLE_LINE =
      "the whole field line is one value: of several, separated by commas, the others are lost";

  private static final Pattern PATH = Pattern.compile("path(-[a-z]+)?\\(");
  private static final Pattern VARIABLE =
      Pattern.compile("variable(?:-[a-z]+)?\\((?:i: )?([A-Za-z0-9-]+)");

  final Context context;
  final Proxy proxy;
  final FrontTerms terms;
  final Ledger ledger;
  final List<Filter> filters = new ArrayList<>();

  /** Holds for requests that no rule has let pass so far. */
  private Expression open = Expression.Constant.TRUE;

  Rules(Context context, Proxy proxy, FrontTerms terms) {
    this.context = context;
    this.proxy = proxy;
    this.terms = terms;
    ledger = context.ledger;
  }

  /** A rule's condition. A problem of the file makes it unknown. */
  Expression condition(Statement statement, RuleCondition rule) {
    if (!rule.hasCondition()) {
      return Expression.Constant.TRUE;
    }
    try {
      Expression condition = proxy.acls().condition(rule.condition(), known());
      return withVariables(rule.unless() ? Expression.not(condition) : condition);
    } catch (SyntaxException e) {
      ledger.problem(statement, e.text());
      return new Unknown(e.text());
    }
  }

  /** What conditions know of the frontend and of the rules before. */
  FrontTerms known() {
    return terms;
  }

  /** Adds a filter, after which what it changes is something else. */
  final void add(Filter filter) {
    filters.add(filter);
    terms.state.changed(filter, terms);
  }

  /** The condition of a rule that keeps requests from servers: it knows what is left out before. */
  Expression guard(Statement statement, RuleCondition rule) {
    return condition(statement, rule).each(this::unchanged).ofGuard(false);
  }

  /** The condition of a rule that lets requests pass the guards that follow. */
  Expression permission(Statement statement, RuleCondition rule) {
    return condition(statement, rule).each(this::unchanged).ofGuard(true);
  }

  /** The rules that are left out and would have changed what a condition reads; often none. */
  final List<String> lostBefore(Expression condition) {
    return condition
        .leaves()
        .filter(Expression.Term.class::isInstance)
        .flatMap(leaf -> terms.state.lostBefore(((Expression.Term) leaf).text()).stream())
        .distinct()
        .toList();
  }

  /** The condition, with notes on changes that it goes without, as they are left out. */
  final Expression told(Expression condition) {
    return condition.noted(
        lostBefore(condition).stream()
            .map(
                source ->
                    Note.either(
                        "compares what the client has sent, without '" + source + "' before it"))
            .toList());
  }

  /** What notes say; the static settings that they ask for are there. */
  final String how(List<Note> notes) {
    notes.stream()
        .map(Note::setting)
        .filter(setting -> !setting.isEmpty())
        .forEach(setting -> context.settings.putIfAbsent(setting, ""));
    return Note.text(notes);
  }

  /** A field that is not set is not there; all else is there as the client has sent it. */
  private Expression unchanged(Expression leaf) {
    Optional<String> before =
        leaf instanceof Expression.Term term
            ? terms.state.lostBefore(term.text())
            : Optional.empty();
    if (before.isEmpty()) {
      return leaf;
    }
    String without = "without '" + before.get() + "' before it";
    if (((Expression.Term) leaf).text().startsWith("header")) {
      return new Unknown("a header field, " + without);
    }
    return leaf.noted(List.of(Note.weaker("compares what the client has sent, " + without)));
  }

  /** The condition, in which variables that are not set are unknown. */
  final Expression withVariables(Expression condition) {
    return condition.each(this::known);
  }

  private Expression known(Expression leaf) {
    if (leaf instanceof Expression.Term term) {
      Matcher variable = VARIABLE.matcher(term.text());
      if (variable.lookingAt() && !isSet(variable.group(1))) {
        return new Unknown(withoutValue(variable.group(1)));
      }
      if (terms.state.ignoresPathCase && PATH.matcher(term.text()).lookingAt()) {
        return new Expression.Term(term.text().replaceFirst("\\((?!i: )", "(i: "), term.notes());
      }
    }
    return leaf;
  }

  /** Whether a rule before sets a variable to what HAProxy sets it to. */
  boolean isSet(String variable) {
    return terms.state.variables.contains(variable) && !context.lostVariables.contains(variable);
  }

  private String withoutValue(String variable) {
    return context.lostVariables.contains(variable) || terms.state.gives(variable)
        ? "a rule that sets the variable " + variable + " is left out"
        : "no rule before sets the variable " + variable;
  }

  /** Begins another set of rules: what let requests pass in one does not in the next. */
  void beginSet() {
    open = Expression.Constant.TRUE;
  }

  /** Requests that this condition holds for are let pass. */
  void pass(Expression condition) {
    open = Expression.all(List.of(open, Expression.not(condition.bare())));
  }

  /** The condition, for requests that no rule has let pass. */
  Expression opened(Expression condition) {
    return Expression.all(List.of(open, condition));
  }

  /** What has no words in conditions of filters becomes unknown. */
  static Expression plain(Expression condition) {
    return condition.each(Rules::plainLeaf);
  }

  private static Expression plainLeaf(Expression leaf) {
    return switch (leaf) {
      case Authenticated auth ->
          new Unknown("authentication by '" + auth.userlist() + "' inside of another condition");
      case Rate rate ->
          new Unknown("the counter " + rate.counter() + " inside of another condition");
      case Expression other -> other;
    };
  }

  /**
   * Adds a filter that denies: what is unknown is taken so that more is denied.
   *
   * @return whether it was added
   */
  boolean deny(Statement statement, Filter filter, String place, String action, String detail) {
    Expression condition = opened(plain(filter.when()));
    List<String> unknown = condition.unknown();
    Expression wider = condition.bound(true);
    if (wider.equals(Expression.Constant.FALSE)) {
      ledger.notNeeded(statement, "its condition never holds here");
      return false;
    }
    List<String> comments = new ArrayList<>(filter.comments());
    if (!unknown.isEmpty()) {
      comments.add("Denies more than HAProxy: " + String.join("; ", unknown) + ".");
    }
    add(new Filter(filter.name(), filter.arguments(), wider, comments));
    String how = joined(detail, how(condition.notes()));
    if (!unknown.isEmpty()) {
      ledger.guardApproximated(
          statement,
          "denies more than HAProxy"
              + (wider.equals(Expression.Constant.TRUE) ? ", namely everything" : "")
              + ": "
              + String.join("; ", unknown)
              + "; say the condition in other terms, or remove the filter");
    } else if (how.isEmpty()) {
      ledger.row(statement, place, action);
    } else if (Note.areWeaker(condition.notes())) {
      ledger.guardApproximated(statement, how);
    } else {
      ledger.approximated(statement, how);
    }
    return true;
  }

  /** Adds a filter that changes something; left out if its condition is unknown. */
  boolean change(Statement statement, Filter filter, String place, String action, String detail) {
    Expression condition = told(opened(plain(filter.when())));
    if (!condition.unknown().isEmpty()) {
      ledger.unsupported(statement, "left out: " + String.join("; ", condition.unknown()));
      return false;
    }
    if (condition.equals(Expression.Constant.FALSE)) {
      ledger.notNeeded(statement, "its condition never holds here");
      return false;
    }
    add(new Filter(filter.name(), filter.arguments(), condition, filter.comments()));
    String how = joined(detail, how(condition.notes()));
    if (how.isEmpty()) {
      ledger.row(statement, place, action);
    } else {
      ledger.approximated(statement, how);
    }
    return true;
  }

  /**
   * Adds a filter that changes something for each text of which one applies; a verdict, if a part
   * has no words.
   *
   * @return whether all are there that may apply
   */
  boolean values(
      Statement statement,
      LogFormat format,
      Expression condition,
      BiFunction<Expression, String, Filter> filter,
      String place,
      String action,
      String what) {
    List<Alternative> texts = alternatives(statement, format);
    String detail = joined(what, how(format.notes()));
    boolean all = !texts.isEmpty();
    for (Alternative each : texts) {
      Expression when = Expression.all(List.of(condition, each.when()));
      if (texts.size() == 1 || !contradicts(condition, each.when())) {
        Filter one = filter.apply(when, each.text());
        all &=
            each.text().isEmpty()
                ? empty(statement, one, place, action, detail)
                : change(statement, one, place, action, detail);
      }
    }
    return all;
  }

  /** A field without a text is removed, which no client can forge either. */
  private boolean empty(
      Statement statement, Filter filter, String place, String action, String detail) {
    Map<String, String> arguments = new LinkedHashMap<>(filter.arguments());
    arguments.remove("value");
    String name = filter.name().replace("Set", "Remove");
    return switch (filter.name()) {
      case "SetRequestHeader", "SetResponseHeader" ->
          change(
              statement,
              new Filter(name, arguments, filter.when(), filter.comments()),
              place,
              action,
              joined(detail, "removed where HAProxy makes it empty"));
      case "SetVariable" -> {
        ledger.row(statement, place, action);
        yield true;
      }
      default -> change(statement, filter, place, action, detail);
    };
  }

  private static boolean contradicts(Expression condition, Expression other) {
    List<Expression> parts =
        condition instanceof Expression.All all ? all.parts() : List.of(condition);
    return parts.contains(Expression.not(other));
  }

  /** The replacement with {@code $1} for {@code \1}; no values of the request. */
  Optional<String> replacement(Statement statement, String text) {
    if (text.contains("%[") || text.matches(".*%[A-Za-z{].*")) {
      ledger.unsupported(
          statement, "left out: a replacement has groups only, no values of the request");
      return Optional.empty();
    }
    return Optional.of(
        text.replace("$", "\\$").replaceAll("\\\\([0-9])", "\\$$1").replace("%%", "%"));
  }

  /** A rule that replaces in the values of a field; a verdict, if it has no words. */
  void replaceHeader(
      Statement statement, RuleCondition rule, String filter, String place, String detail) {
    Optional<String> by = replacement(statement, rule.argument(3));
    if (by.isPresent() && isReplacement(statement, rule.argument(2), by.get())) {
      change(
          statement,
          Filter.of(
              filter,
              condition(statement, rule),
              statement,
              "name",
              rule.argument(1),
              "regexp",
              rule.argument(2),
              "replacement",
              by.get()),
          place,
          rule.argument(0),
          detail);
    }
  }

  /** Whether an expression and its replacement can be had here; a verdict, if they cannot. */
  boolean isReplacement(Statement statement, String expression, String replacement) {
    try {
      LinearPattern.of(expression, false).require(replacement);
      return true;
    } catch (ExpressionException e) {
      ledger.unsupported(statement, "left out: " + e.why());
      return false;
    }
  }

  static String joined(String one, String other) {
    return one.isEmpty() ? other : other.isEmpty() ? one : one + "; " + other;
  }

  /** A text with values; absent, with a verdict, if a part has no words. */
  Optional<String> format(Statement statement, LogFormat format) {
    List<Alternative> texts = alternatives(statement, format);
    if (texts.size() > 1) {
      ledger.unsupported(statement, "left out: it needs one text for all connections here");
      return Optional.empty();
    }
    return texts.stream().map(Alternative::text).findFirst();
  }

  /** The texts of which one applies; none, with a verdict, if a part has no words. */
  private List<Alternative> alternatives(Statement statement, LogFormat format) {
    String missing = missing(format);
    if (!missing.isEmpty()) {
      ledger.unsupported(statement, "left out: " + missing);
      return List.of();
    }
    return format.alternatives();
  }

  /** What a text would say here that is not what HAProxy's says. */
  private Optional<String> unusual(LogFormat format) {
    if (reads(format, "{listener.port}") && terms.isPortFromProxy()) {
      return Optional.of("the port that the PROXY protocol tells has no value in braces here");
    }
    if (format.readsOriginalTarget() && terms.state.changesTarget) {
      return Optional.of("the target as it came is no value after a rule that changes it");
    }
    return reads(format, "{server}")
        ? Optional.of("the server's name is a value of access logs only")
        : Optional.empty();
  }

  private static boolean reads(LogFormat format, String value) {
    return format.alternatives().stream().anyMatch(each -> each.text().contains(value));
  }

  /** Which parts of a text have no words; empty if all have. */
  String missing(LogFormat format) {
    List<String> unset = format.variables().stream().filter(each -> !isSet(each)).toList();
    if (!unset.isEmpty()) {
      return withoutValue(unset.getFirst());
    }
    if (!format.value().isEmpty()) {
      return "'" + format.value() + "' stands for a value here";
    }
    Optional<String> other = unusual(format);
    if (other.isPresent()) {
      return other.get();
    }
    List<String> unknown = format.unknown();
    return unknown.isEmpty()
        ? ""
        : String.join(", ", unknown)
            + (unknown.size() == 1 ? " has" : " have")
            + " no value in braces here";
  }
}
