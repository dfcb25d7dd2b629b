package dev.understudy.haproxy.translate;

import dev.understudy.condition.ExpressionException;
import dev.understudy.condition.LinearPattern;
import dev.understudy.haproxy.acl.Expression;
import dev.understudy.haproxy.acl.Expression.Authenticated;
import dev.understudy.haproxy.acl.Expression.Rate;
import dev.understudy.haproxy.acl.Expression.Unknown;
import dev.understudy.haproxy.acl.LogFormat;
import dev.understudy.haproxy.report.Ledger;
import dev.understudy.haproxy.syntax.Statement;
import dev.understudy.haproxy.syntax.SyntaxException;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/**
 * Conditions of the rules of one section, in order: what an earlier rule let pass no later one
 * sees.
 */
class Rules {
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
    terms.begin(statement.line());
    if (!rule.hasCondition()) {
      return Expression.Constant.TRUE;
    }
    try {
      Expression condition = proxy.acls().condition(rule.condition(), terms);
      return withVariables(rule.unless() ? Expression.not(condition) : condition);
    } catch (SyntaxException e) {
      ledger.problem(statement, e.text());
      return new Unknown(e.text());
    }
  }

  private Expression withVariables(Expression condition) {
    return condition.map(this::known, this::known);
  }

  private Expression known(Expression leaf) {
    if (leaf instanceof Expression.Term term) {
      for (String lost : context.lostVariables) {
        if (term.text().matches("variable\\(" + lost + "[,)].*")) {
          return new Unknown("the variable " + lost + " has no value here");
        }
      }
    }
    return leaf;
  }

  /** Begins another set of rules: what let requests pass in one does not in the next. */
  void beginSet() {
    open = Expression.Constant.TRUE;
  }

  /** Requests that this condition holds for are let pass. */
  void pass(Expression condition) {
    open = Expression.all(List.of(open, Expression.not(condition)));
  }

  /** The condition, for requests that no rule has let pass. */
  Expression opened(Expression condition) {
    return Expression.all(List.of(open, condition));
  }

  /** What has no words in conditions of filters becomes unknown. */
  static Expression plain(Expression condition) {
    return condition.map(Rules::plainLeaf, Rules::plainLeaf);
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
    filters.add(new Filter(filter.name(), filter.arguments(), wider, comments));
    String how = joined(detail, terms.differences());
    if (!unknown.isEmpty()) {
      ledger.guardDifferently(
          statement,
          "denies more than HAProxy"
              + (wider.equals(Expression.Constant.TRUE) ? ", namely everything" : "")
              + ": "
              + String.join("; ", unknown)
              + "; say the condition in other terms, or remove the filter");
    } else if (how.isEmpty()) {
      ledger.row(statement, place, action);
    } else if (terms.areWeaker()) {
      ledger.guardDifferently(statement, how);
    } else {
      ledger.differently(statement, how);
    }
    return true;
  }

  /** Adds a filter that changes something; left out if its condition is unknown. */
  boolean change(Statement statement, Filter filter, String place, String action, String detail) {
    Expression condition = opened(plain(filter.when()));
    if (!condition.unknown().isEmpty()) {
      ledger.lost(statement, "left out: " + String.join("; ", condition.unknown()));
      terms.differences();
      return false;
    }
    if (condition.equals(Expression.Constant.FALSE)) {
      ledger.notNeeded(statement, "its condition never holds here");
      terms.differences();
      return false;
    }
    filters.add(new Filter(filter.name(), filter.arguments(), condition, filter.comments()));
    String how = joined(detail, terms.differences());
    if (how.isEmpty()) {
      ledger.row(statement, place, action);
    } else {
      ledger.differently(statement, how);
    }
    return true;
  }

  /** Whether an expression and its replacement can be had here; a verdict, if they cannot. */
  boolean isReplacement(Statement statement, String expression, String replacement) {
    try {
      LinearPattern.of(expression, false).require(replacement);
      return true;
    } catch (ExpressionException e) {
      ledger.lost(statement, "left out: " + e.why());
      return false;
    }
  }

  static String joined(String one, String other) {
    return one.isEmpty() ? other : other.isEmpty() ? one : one + "; " + other;
  }

  /** A text with values; absent, with a verdict, if a part has no words. */
  Optional<String> format(Statement statement, String text) {
    terms.begin(statement.line());
    LogFormat format = LogFormat.of(text);
    format.forwarded().forEach(terms::forwarded);
    if (format.text().isEmpty()) {
      ledger.lost(
          statement,
          "left out: "
              + String.join(", ", format.unknown())
              + (format.unknown().size() == 1 ? " has" : " have")
              + " no value in braces here");
    }
    return format.text();
  }
}
