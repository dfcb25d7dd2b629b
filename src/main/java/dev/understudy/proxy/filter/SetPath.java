package dev.understudy.proxy.filter;

import dev.understudy.condition.Escape;
import dev.understudy.condition.Template;
import dev.understudy.pool.FilterKind;
import dev.understudy.pool.FilterKind.Trait;
import dev.understudy.proxy.http.NormalTarget;

/** {@code SetPath}: replaces the path and keeps the query. */
public record SetPath(Template value) implements ChangeStep {
  /**
   * {@code SetPath=PATH}
   *
   * <p>Replaces the path by a text with [values](conditions.md#values). Braces with names of the
   * route's own path are the Gateway's.
   */
  public static final FilterKind KIND =
      FilterKind.gateway("SetPath", "template").with(Trait.REQUIRED);

  static Step compile(FilterSource source) throws NotCompilableException {
    boolean compiled =
        source.values().size() == 1
            && source.values().stream()
                .allMatch(
                    path ->
                        (path.startsWith("/") && path.indexOf('{') < 0 && isPlain(path))
                            || source.hasValues(path));
    if (!compiled) {
      throw source.notCompiled();
    }
    String path = source.arguments().required("template");
    Template template = source.template(path);
    if (!path.startsWith("/") && !template.beginsWithValue()) {
      throw new IllegalArgumentException(
          "template: expected a path that begins with '/' or a value, found '" + path + "'");
    }
    return new SetPath(template);
  }

  /** Whether the Gateway would leave a path as it is. */
  private static boolean isPlain(String path) {
    return path.equals(NormalTarget.of(path)) && !path.contains("//") && path.indexOf('?') < 0;
  }

  @Override
  public boolean differsFromGateway() {
    return !value.isConstant();
  }

  @Override
  public boolean change(RequestFacts facts) {
    String next = value.renderPath(facts, Escape.PATH);
    if (next == null) {
      return false;
    }
    facts.form().moveTo(next);
    return true;
  }
}
