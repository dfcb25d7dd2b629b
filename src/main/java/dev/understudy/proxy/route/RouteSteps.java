package dev.understudy.proxy.route;

import java.util.List;

/**
 * The steps of a route, for a request and its response; one object for all routes with equal steps.
 */
record RouteSteps(
    List<Step> all,
    List<Step.EditHeader> responseEdits,
    List<Step.Rewrite> rewrites,
    boolean haveRules,
    boolean allowUpgrades) {
  static RouteSteps of(List<Step> steps) {
    // Copied, as a reversed list is only a view.
    List<Step.EditHeader> responseEdits =
        List.copyOf(
            only(steps, Step.EditHeader.class).stream()
                .filter(edit -> edit.of() == Step.EditHeader.Of.RESPONSE)
                .toList()
                .reversed());
    return new RouteSteps(
        List.copyOf(steps),
        responseEdits,
        only(steps, Step.Rewrite.class),
        steps.stream().anyMatch(Step.Rule.class::isInstance),
        steps.stream().anyMatch(RouteSteps::allowsUpgrades));
  }

  private static boolean allowsUpgrades(Step step) {
    return (step instanceof ConditionalStep conditional ? conditional.step() : step)
        instanceof Step.AllowUpgrade;
  }

  private static <T> List<T> only(List<Step> steps, Class<T> kind) {
    return steps.stream().filter(kind::isInstance).map(kind::cast).toList();
  }
}
