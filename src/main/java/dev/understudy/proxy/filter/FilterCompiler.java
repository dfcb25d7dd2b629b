package dev.understudy.proxy.filter;

import dev.understudy.condition.Condition;
import dev.understudy.condition.ExpressionException;
import dev.understudy.pool.FilterKind;
import dev.understudy.pool.FilterKind.Trait;
import dev.understudy.pool.ManagedFields;
import dev.understudy.pool.RoutePart;
import dev.understudy.proxy.guard.GuardRegistry;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * Compiles a filter to its step, for both lanes: our own filters, and those of Spring Cloud Gateway
 * 5.0.3 that a step can stand for. Wrong arguments are {@link IllegalArgumentException}s whose
 * messages say what was expected; what is left to the Gateway is a {@link NotCompilableException}.
 */
public final class FilterCompiler {
  private FilterCompiler() {}

  /**
   * Compiles a filter with its condition.
   *
   * @param variables names in braces that are the route's own; see {@code RouteVariables}
   * @param route the id of the route, or {@link GuardRegistry#DEFAULTS}
   */
  public static Step step(
      RoutePart filter, Set<String> variables, String route, GuardRegistry guards)
      throws NotCompilableException {
    Condition when = condition(filter);
    Step step =
        stepOrExpression(new FilterSource(filter, FilterKind.of(filter), variables, route, guards));
    return when == null
        ? step
        : new ConditionalStep(step, when, FilterKind.of(filter).is(Trait.GUARD));
  }

  /**
   * Compiles a filter for the Gateway lane.
   *
   * @return null if the Gateway's own filter is to run, under the {@link #condition} if there is
   *     one
   */
  public static @Nullable Step gatewayStep(
      RoutePart filter, Set<String> variables, String route, GuardRegistry guards) {
    try {
      Step step = step(filter, variables, route, guards);
      return step instanceof EditHeader || step.bare() instanceof PathRewrite ? null : step;
    } catch (NotCompilableException e) {
      return null;
    }
  }

  /**
   * Compiles filters for the express lane.
   *
   * @throws NotCompilableException if one is left to the Gateway, is not valid, or changes a header
   *     on which framing, tunnels or our own rules rest
   */
  public static List<Step> steps(
      List<RoutePart> filters, Set<String> variables, String route, GuardRegistry guards)
      throws NotCompilableException {
    List<Step> steps = new ArrayList<>(filters.size());
    for (RoutePart filter : filters) {
      try {
        Step step = step(filter, variables, route, guards);
        requireOurs(step);
        steps.add(step);
      } catch (IllegalArgumentException e) {
        throw (NotCompilableException)
            new NotCompilableException("an argument of filter " + filter.name() + " is invalid")
                .initCause(e);
      }
    }
    return steps;
  }

  private static void requireOurs(Step step) throws NotCompilableException {
    Step bare = step.bare();
    String name = bare.changedField();
    if (name == null || bare instanceof SetHost) {
      return;
    }
    if (ManagedFields.has(name)) {
      throw new NotCompilableException(
          "filters that change the header " + name + " are not compiled");
    }
  }

  /** Whether a filter of the Gateway makes a path of values of the request: groups or variables. */
  public static boolean isPathOfValues(RoutePart filter) {
    FilterKind kind = FilterKind.of(filter);
    return kind == RewritePath.KIND
        || ((kind == SetPath.KIND || kind == PrefixPath.KIND)
            && filter.args().values().stream().anyMatch(path -> path.indexOf('{') >= 0));
  }

  /**
   * Whether a filter has a condition or values of the request, or is unknown to the Gateway.
   *
   * @param step the compiled filter; null if it is the Gateway's own
   */
  public static boolean isRule(RoutePart filter, @Nullable Step step) {
    return filter.when() != null || (step != null && step.differsFromGateway());
  }

  /**
   * Parses the condition of a filter.
   *
   * @return null if the filter has none
   */
  public static @Nullable Condition condition(RoutePart filter) {
    String when = filter.when();
    if (when == null) {
      return null;
    }
    try {
      Condition condition = Condition.parse(when);
      boolean waits =
          FilterKind.of(filter).is(Trait.RESPONSE_CONDITION) || SetStatus.waitsForResponse(filter);
      if (condition.isOfResponse() && !waits) {
        throw new IllegalArgumentException(
            "expected a condition without status and response-header, which only filters that"
                + " change the response's status or header can wait for");
      }
      return condition;
    } catch (ExpressionException e) {
      throw new IllegalArgumentException(e.why(), e);
    }
  }

  /** Leaves to Spring what it would evaluate, unless the step takes it as a text. */
  private static Step stepOrExpression(FilterSource source) throws NotCompilableException {
    boolean expression =
        source.values().stream()
            .anyMatch(value -> value.trim().startsWith("#{") && value.endsWith("}"));
    try {
      Step step = FilterTable.step(source);
      if (!expression || step instanceof Step.Rule) {
        return step;
      }
    } catch (IllegalArgumentException e) {
      if (!expression) {
        throw e;
      }
    }
    throw source.placeholder();
  }
}
