package dev.understudy.proxy.filter;

import dev.understudy.condition.ExpressionException;
import dev.understudy.condition.LinearPattern;
import java.util.List;

/**
 * {@code ReplaceRequestHeader}, {@code ReplaceResponseHeader}: a field line in which the pattern is
 * found becomes the replacement as a whole (HAProxy {@code replace-header}).
 *
 * @param replacement {@code $1} and <code>${name}</code> stand for groups
 */
public record ReplaceHeader(
    EditHeader.Of of, String name, LinearPattern pattern, String replacement)
    implements ChangeStep {
  static Step compile(FilterSource source, EditHeader.Of of) throws NotCompilableException {
    FilterArguments args = source.arguments();
    String regexp = args.required("regexp");
    try {
      LinearPattern pattern = LinearPattern.of(regexp, false);
      return new ReplaceHeader(
          of,
          FilterSource.token(args.required("name")),
          pattern,
          pattern.require(FilterSource.visible(args.text("replacement", ""), "replacement")));
    } catch (ExpressionException e) {
      throw new IllegalArgumentException("regexp: " + e.why(), e);
    }
  }

  @Override
  public String changedField() {
    return name;
  }

  @Override
  public boolean isOfResponse() {
    return of == EditHeader.Of.RESPONSE;
  }

  @Override
  public boolean change(RequestFacts facts) {
    replace(facts.form().fields);
    return true;
  }

  @Override
  public void respond(RequestFacts facts, HeaderFields fields) {
    replace(fields);
  }

  private void replace(HeaderFields fields) {
    List<String> before = fields.all(name);
    if (before.isEmpty()) {
      return;
    }
    List<String> after =
        before.stream()
            .map(
                line -> {
                  String other = pattern.expand(line, replacement);
                  return other == null ? line : other;
                })
            .toList();
    if (!after.equals(before)) {
      fields.set(name, after);
    }
  }
}
