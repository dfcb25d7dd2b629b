package dev.understudy.proxy.route;

import java.util.List;

/**
 * The steps of a route, for a request and its response; one object for all routes with equal steps.
 */
final class RouteSteps {
  private final List<Step> all;
  private final List<Step.EditHeader> responseEdits;
  private final List<Step.Rewrite> rewrites;
  private final boolean rules;

  /** Selects edits and rewrites among a route's steps. */
  RouteSteps(List<Step> steps) {
    this.all = List.copyOf(steps);
    // Copied, as a reversed list is only a view.
    this.responseEdits =
        List.copyOf(
            only(steps, Step.EditHeader.class).stream()
                .filter(edit -> edit.of() == Step.EditHeader.Of.RESPONSE)
                .toList()
                .reversed());
    this.rewrites = only(steps, Step.Rewrite.class);
    this.rules = steps.stream().anyMatch(Step.Rule.class::isInstance);
  }

  private static <T> List<T> only(List<Step> steps, Class<T> kind) {
    return steps.stream().filter(kind::isInstance).map(kind::cast).toList();
  }

  /** All steps, in order. */
  List<Step> all() {
    return all;
  }

  /** Whether a step has a condition or values of the request. */
  boolean haveRules() {
    return rules;
  }

  /** The edits of responses' headers, in reverse order. */
  List<Step.EditHeader> responseEdits() {
    return responseEdits;
  }

  /** The edits of the path, in order. */
  List<Step.Rewrite> rewrites() {
    return rewrites;
  }
}
