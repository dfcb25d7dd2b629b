package dev.understudy.proxy.filter;

import dev.understudy.condition.Condition;

/**
 * A step that runs under a condition.
 *
 * @param guard whether the step keeps requests from servers: its condition is then tried on all
 *     {@linkplain dev.understudy.condition.PathForms forms} of the path
 */
public record ConditionalStep(Step step, Condition when, boolean guard) implements Step.Rule {
  @Override
  public FilterResult apply(RouteRequest request) {
    throw new IllegalStateException("a condition in another");
  }

  @Override
  public Step bare() {
    return step;
  }

  /** Omits the condition, which may hold a secret. */
  @Override
  public String toString() {
    return "Conditional[" + step.getClass().getSimpleName() + "]";
  }
}
