package dev.understudy.proxy.filter;

/** A step that changes the path, the same way for all requests. */
public interface PathRewrite extends Step {
  /**
   * The changed path.
   *
   * @param path normalised, but for what other rewrites did to it
   */
  String rewrite(String path);

  /** Without facts, the route's rewrites change the path after all steps. */
  @Override
  default FilterResult apply(RouteRequest request) {
    RequestFacts facts = request.knownFacts();
    if (facts != null) {
      changeForm(facts);
    }
    return FilterResult.PASS;
  }

  @Override
  default void changeForm(RequestFacts facts) {
    facts.form().rewritten(rewrite(facts.path()));
  }
}
