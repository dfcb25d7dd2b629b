package dev.understudy.proxy.route;

import dev.understudy.proxy.filter.AllowUpgrade;
import dev.understudy.proxy.filter.EditHeader;
import dev.understudy.proxy.filter.PathRewrite;
import dev.understudy.proxy.filter.Step;
import java.util.List;

/**
 * The steps of a route, for a request and its response; one object for all routes with equal steps.
 */
record RouteSteps(
    List<Step> all,
    List<EditHeader> responseEdits,
    List<PathRewrite> rewrites,
    boolean haveRules,
    boolean allowUpgrades) {
  static RouteSteps of(List<Step> steps) {
    // Copied, as a reversed list is only a view.
    List<EditHeader> responseEdits =
        List.copyOf(
            only(steps, EditHeader.class).stream()
                .filter(edit -> edit.of() == EditHeader.Of.RESPONSE)
                .toList()
                .reversed());
    return new RouteSteps(
        List.copyOf(steps),
        responseEdits,
        only(steps, PathRewrite.class),
        steps.stream().anyMatch(Step.Rule.class::isInstance),
        steps.stream().anyMatch(step -> step.bare() instanceof AllowUpgrade));
  }

  private static <T> List<T> only(List<Step> steps, Class<T> kind) {
    return steps.stream().filter(kind::isInstance).map(kind::cast).toList();
  }
}
