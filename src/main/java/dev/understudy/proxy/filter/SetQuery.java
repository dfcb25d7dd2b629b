package dev.understudy.proxy.filter;

import dev.understudy.condition.Escape;
import dev.understudy.condition.Template;
import dev.understudy.pool.FilterKind;

/** {@code SetQuery}: replaces the query; an empty value removes it. */
public record SetQuery(Template value) implements ChangeStep {
  /**
   * {@code SetQuery[=QUERY]}
   *
   * <p>Replaces the query by a text with [values](conditions.md#values). {@code SetQuery} alone
   * removes it.
   */
  public static final FilterKind KIND = FilterKind.own("SetQuery", "query");

  static Step compile(FilterSource source) throws NotCompilableException {
    return new SetQuery(source.template(source.arguments().text("query", "")));
  }

  @Override
  public boolean change(RequestFacts facts) {
    String query = value.render(facts, Escape.QUERY);
    int start = 0;
    while (start < query.length() && "?&".indexOf(query.charAt(start)) >= 0) {
      start++;
    }
    facts.form().setQuery(query.substring(start));
    return true;
  }
}
