package dev.understudy.proxy.route;

import java.util.List;

/** What a route does with a request and its response; one for all routes that do the same. */
final class RouteSteps {
  private final List<Step> all;
  private final List<Step.EditHeader> responseEdits;
  private final List<Step.Rewrite> rewrites;

  /**
   * @param steps default filters and the route's own, in the order in which the Gateway runs them
   */
  RouteSteps(List<Step> steps) {
    this.all = List.copyOf(steps);
    // Copied, as a reversed list is only a view.
    this.responseEdits =
        List.copyOf(
            only(steps, Step.EditHeader.class).stream()
                .filter(edit -> edit.of() == Step.EditHeader.Of.ANSWER)
                .toList()
                .reversed());
    this.rewrites = only(steps, Step.Rewrite.class);
  }

  private static <T> List<T> only(List<Step> steps, Class<T> kind) {
    return steps.stream().filter(kind::isInstance).map(kind::cast).toList();
  }

  /** In order. */
  List<Step> all() {
    return all;
  }

  /** Those of responses' headers, in reverse. */
  List<Step.EditHeader> responseEdits() {
    return responseEdits;
  }

  /** Those of the path, in order. */
  List<Step.Rewrite> rewrites() {
    return rewrites;
  }
}
