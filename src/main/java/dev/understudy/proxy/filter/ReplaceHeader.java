package dev.understudy.proxy.filter;

import dev.understudy.condition.ExpressionException;
import dev.understudy.condition.LinearPattern;
import dev.understudy.pool.FilterKind;
import dev.understudy.pool.FilterKind.Trait;
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
  /**
   * {@code ReplaceRequestHeader=NAME, REGEX, REPLACEMENT}
   *
   * <p>Each field line of the request in which the expression is found becomes the replacement;
   * {@code $1} is its first group.
   */
  public static final FilterKind REPLACE_REQUEST_HEADER =
      FilterKind.own("ReplaceRequestHeader", "name", "regexp", "replacement")
          .firstShown()
          .naming(1);

  /**
   * {@code ReplaceResponseHeader=NAME, REGEX, REPLACEMENT}
   *
   * <p>The same for field lines of the response.
   */
  public static final FilterKind REPLACE_RESPONSE_HEADER =
      FilterKind.own("ReplaceResponseHeader", "name", "regexp", "replacement")
          .with(Trait.SERVER_RESPONSE, Trait.RESPONSE_CONDITION)
          .firstShown();

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
