package dev.understudy.proxy.filter;

/** A step that changes the request with values of the request. */
public interface ChangeStep extends Step.Rule {
  /**
   * Makes the change.
   *
   * @return false if it leads the path elsewhere than it is written; the request is then to be
   *     refused with 400
   */
  boolean change(RequestFacts facts);

  @Override
  default FilterResult apply(RouteRequest request) {
    return request.change(this) ? FilterResult.PASS : request.refuseBad();
  }

  @Override
  default void changeForm(RequestFacts facts) {
    var unused = change(facts);
  }
}
