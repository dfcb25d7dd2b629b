package dev.understudy.proxy.route;

import dev.understudy.condition.LinearPattern;
import dev.understudy.condition.Template;
import dev.understudy.pool.PoolId;

/**
 * A step that changes the request, or plans a change of the response, with values of the request.
 */
public sealed interface Change extends Step.Rule {

  /** Edits a header field of the request or the response with a value of the request. */
  record Edit(Step.EditHeader.Of of, Step.EditHeader.How how, String name, Template value)
      implements Change {}

  /**
   * {@code ReplaceRequestHeader}, {@code ReplaceResponseHeader}: a field line in which the pattern
   * is found becomes the replacement as a whole (HAProxy {@code replace-header}).
   *
   * @param replacement {@code $1} and <code>${name}</code> stand for groups
   */
  record Replace(Step.EditHeader.Of of, String name, LinearPattern pattern, String replacement)
      implements Change {}

  /** {@code SetVariable}: gives a value to a variable of the request. */
  record Variable(String name, Template value) implements Change {}

  /** {@code SetPath}: replaces the path and keeps the query. */
  record Path(Template value) implements Change {}

  /** {@code RewritePath}: replaces what the pattern finds in the path. */
  record Rewrite(LinearPattern pattern, String replacement) implements Change {}

  /** {@code SetQuery}: replaces the query; an empty value removes it. */
  record Query(Template value) implements Change {}

  /** {@code SetHost}: replaces {@code Host}. */
  record Host(Template value) implements Change {}

  /** {@code UsePool}: names the pool of the request; the last one counts. */
  record Pool(PoolId pool) implements Change {}
}
