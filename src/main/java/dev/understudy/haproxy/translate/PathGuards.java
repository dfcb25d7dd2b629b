package dev.understudy.haproxy.translate;

import dev.understudy.haproxy.acl.Expression;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.function.Predicate;

/**
 * Backends that refuse requests, and paths of which one form leads there and another does not.
 * Routes match on the normalised path, HAProxy's lines on the path as it came: {@code /admin/../x}
 * is led by the former past a backend of {@code /admin}. A filter that denies sees every form, so
 * each route has one for what other forms of its paths would meet elsewhere.
 */
final class PathGuards {
  /** Filters that keep requests from servers. */
  private static final Set<String> GUARDS =
      Set.of("Deny", "Reject", "Tarpit", "BasicAuth", "Respond", "Redirect");

  /**
   * One choice of a backend.
   *
   * @param refuses holds for the requests that the backend keeps from its servers
   */
  record Choice(String backend, Expression when, Expression refuses) {
    static Choice of(String backend, Expression when, List<Filter> own) {
      List<Expression> refused =
          own.stream().filter(each -> GUARDS.contains(each.name())).map(Filter::when).toList();
      Expression any = Expression.any(refused);
      return new Choice(backend, when, isOfRequest(any) ? any.bare() : Expression.Constant.TRUE);
    }
  }

  private PathGuards() {}

  /** Whether a condition reads nothing that rules of the backend may have set. */
  private static boolean isOfRequest(Expression condition) {
    return condition
        .leaves()
        .noneMatch(
            leaf ->
                leaf instanceof Expression.Term term
                    && (term.text().startsWith("variable") || term.text().startsWith("header")));
  }

  /**
   * What denies, among requests of a choice, those of which another form meets a guard elsewhere.
   */
  static Optional<Filter> guard(List<Choice> choices, int of) {
    List<Expression> parts = new ArrayList<>();
    for (int i = 0; i < choices.size(); i++) {
      Choice other = choices.get(i);
      boolean may = choices.get(Math.min(i, of)).when().readsPath();
      if (i != of
          && may
          && !other.backend().equals(choices.get(of).backend())
          && !other.refuses().equals(Expression.Constant.FALSE)) {
        parts.add(
            Expression.all(List.of(form(choices, i, Expression::readsPath), other.refuses())));
      }
    }
    Expression when = Expression.any(parts);
    return when.equals(Expression.Constant.FALSE) ? Optional.empty() : Optional.of(deny(when));
  }

  /** What denies, of all requests, those of which another form meets a guard elsewhere. */
  static Optional<Filter> guard(List<Choice> choices, ChosenBackends chosen) {
    List<Expression> parts = new ArrayList<>();
    for (int i = 0; i < choices.size(); i++) {
      Choice each = choices.get(i);
      Expression form = form(choices, i, any -> true);
      if (form.readsPath() && !each.refuses().equals(Expression.Constant.FALSE)) {
        parts.add(
            Expression.all(
                List.of(form, each.refuses(), Expression.not(chosen.isChosen(each.backend())))));
      }
    }
    Expression when = Expression.any(parts);
    return when.equals(Expression.Constant.FALSE) ? Optional.empty() : Optional.of(deny(when));
  }

  /**
   * Holds for the forms of paths that lead to a choice.
   *
   * @param before the choices before that count, as the request may meet them
   */
  private static Expression form(List<Choice> choices, int to, Predicate<Expression> before) {
    List<Expression> parts = new ArrayList<>();
    parts.add(choices.get(to).when().bare());
    choices.subList(0, to).stream()
        .map(Choice::when)
        .filter(before)
        .forEach(each -> parts.add(Expression.not(each.bare())));
    return Expression.all(parts);
  }

  private static Filter deny(Expression when) {
    return new Filter(
        "Deny",
        Map.of("status", "403"),
        when,
        List.of("Paths of which another form is refused by another backend."));
  }
}
