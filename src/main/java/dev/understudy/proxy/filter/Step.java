package dev.understudy.proxy.filter;

import dev.understudy.condition.Facts;
import java.util.List;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * A compiled filter, the same in both lanes. A lane runs a request's steps in order with {@link
 * RouteRequest#run}; a step that ends the request does so before those that follow. Steps that
 * change the response do so in the reverse order.
 */
public interface Step {
  /** Runs the step on a request whose condition holds. */
  FilterResult apply(RouteRequest request);

  /** Whether the step must run on the request's event loop. */
  default boolean needsLoop() {
    return false;
  }

  /** The step without its condition. */
  default Step bare() {
    return this;
  }

  /** Whether the step does what no filter of the Gateway with the same arguments does. */
  default boolean differsFromGateway() {
    return false;
  }

  /** The field of the request or the response that the step changes; null if it changes none. */
  default @Nullable String changedField() {
    return null;
  }

  /** The names of fields of the request that only this step may set, in small letters. */
  default List<String> ownFields() {
    return List.of();
  }

  /** Makes the change in the form of the request that conditions see now, if they can see it. */
  default void changeForm(RequestFacts facts) {}

  /** Whether the step changes the response. */
  default boolean isOfResponse() {
    return false;
  }

  /** A change of the response with the values that only the request has. */
  default Step resolved(Facts request) {
    return this;
  }

  /**
   * Changes the response.
   *
   * @param fields of the response
   */
  default void respond(RequestFacts facts, HeaderFields fields) {
    throw new IllegalStateException("not a change of the response");
  }

  /**
   * Changes a request for which a guard's condition does not hold: what only the guard may set does
   * not pass there either if the client made it up.
   */
  default void passOver(RouteRequest request) {
    List<String> own = ownFields();
    if (!own.isEmpty()) {
      Set<String> vouched = request.vouched();
      request.edit(
          fields -> own.stream().filter(name -> !vouched.contains(name)).forEach(fields::remove));
    }
  }

  /** A step with a condition or with values of the request; see {@link RequestFacts}. */
  interface Rule extends Step {
    @Override
    default boolean differsFromGateway() {
      return true;
    }
  }
}
