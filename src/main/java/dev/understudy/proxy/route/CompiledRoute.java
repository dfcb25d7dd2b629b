package dev.understudy.proxy.route;

import dev.understudy.pool.PoolId;
import dev.understudy.proxy.filter.EditHeader;
import dev.understudy.proxy.filter.PathRewrite;
import dev.understudy.proxy.filter.RequestFacts;
import dev.understudy.proxy.filter.Step;
import dev.understudy.traffic.MatchedRoute;
import dev.understudy.traffic.RouteStatistics;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** A route whose predicates and filters are all compiled; immutable but for its statistics. */
public final class CompiledRoute implements MatchedRoute {
  private final String id;
  private final @Nullable PoolId pool;
  private final RouteSteps steps;
  private @Nullable RouteStatistics statistics;

  CompiledRoute(String id, @Nullable PoolId pool, RouteSteps steps) {
    this.id = id;
    this.pool = pool;
    this.steps = steps;
  }

  @Override
  public String id() {
    return id;
  }

  @Override
  public @Nullable RouteStatistics statistics() {
    return statistics;
  }

  @Override
  public void keep(RouteStatistics found) {
    statistics = found;
  }

  /** Null if a step ends every request before it would go to a server. */
  public @Nullable PoolId pool() {
    return pool;
  }

  /**
   * The steps of default filters and of the route's own, in the order in which the Gateway runs
   * them.
   */
  public List<Step> steps() {
    return steps.all();
  }

  /**
   * Whether a step has a condition or values of the request: then all steps run through {@link
   * RequestFacts}, and {@link #responseEdits} and {@link #target} do not apply.
   */
  public boolean hasRules() {
    return steps.haveRules();
  }

  /** Whether a step may let requests ask for another protocol than WebSocket. */
  public boolean allowsUpgrades() {
    return steps.allowUpgrades();
  }

  /**
   * The edits of the headers of every response that the engine gives, its own (503 and the like)
   * included, in the order of their application: the reverse of the steps, since a response goes
   * back through the Gateway's filters. They do not apply to a 101, nor to the response of a step
   * that ended the request.
   */
  public List<EditHeader> responseEdits() {
    return steps.responseEdits();
  }

  /**
   * The target that goes to the server: as it came, unless a step changed the path.
   *
   * @param target in origin-form, as it came
   * @param normalPath the normalised path of the target, without a query
   */
  public String target(String target, String normalPath) {
    List<PathRewrite> rewrites = steps.rewrites();
    if (rewrites.isEmpty()) {
      return target;
    }
    String path = normalPath;
    for (PathRewrite rewrite : rewrites) {
      path = rewrite.rewrite(path);
    }
    if (path.equals(normalPath)) {
      return target;
    }
    int question = target.indexOf('?');
    return question < 0 ? path : path + target.substring(question);
  }

  /** Omits the values of steps, which may be secrets. */
  @Override
  public String toString() {
    return "CompiledRoute[" + id + " to " + pool + "]";
  }
}
