package dev.understudy.proxy.filter;

import dev.understudy.condition.Escape;
import dev.understudy.condition.Template;
import dev.understudy.pool.FilterKind;
import dev.understudy.pool.FilterKind.Trait;

/** {@code SetVariable}: gives a value to a variable of the request. */
public record SetVariable(String name, Template value) implements ChangeStep {
  /**
   * {@code SetVariable=NAME, VALUE}
   *
   * <p>Keeps a text with [values](conditions.md#values), for conditions and values of filters that
   * follow.
   */
  public static final FilterKind KIND =
      FilterKind.own("SetVariable", "name", "value").with(Trait.FREE_TEXT).firstShown();

  static Step compile(FilterSource source) throws NotCompilableException {
    FilterArguments args = source.arguments();
    return new SetVariable(
        FilterSource.token(args.required("name")), source.template(args.text("value", "")));
  }

  @Override
  public boolean change(RequestFacts facts) {
    if (!value.isAbsent(facts)) {
      facts.form().set(name, value.render(facts, Escape.TEXT), value.hasClientSlash(facts));
    }
    return true;
  }
}
