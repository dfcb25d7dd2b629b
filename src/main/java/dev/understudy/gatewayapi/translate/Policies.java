package dev.understudy.gatewayapi.translate;

import dev.understudy.gatewayapi.object.Route;
import dev.understudy.gatewayapi.object.Rule;
import org.jspecify.annotations.Nullable;

/** The pools of FailoverPolicies, by what the policies are attached to. */
interface Policies {
  /** No policy. */
  Policies NONE = (route, rule) -> null;

  /**
   * The pool that takes the place of a rule's backends.
   *
   * @param rule of that route
   * @return null if no policy in force is attached to the rule, its route, or its only backend
   */
  @Nullable PolicyPool of(Route route, Rule rule);

  /**
   * Whether a rule can lead nowhere, as its policy is of another protocol, or is not valid and
   * never was: what its backends are to each other is not known then.
   */
  default boolean isRefused(Route route, Rule rule) {
    return false;
  }
}
