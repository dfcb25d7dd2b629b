package dev.understudy.proxy.filter;

import dev.understudy.pool.FilterKind;
import dev.understudy.pool.FilterKind.Trait;

/**
 * {@code Deny}: ends every request with an error response: nothing reaches a server (HAProxy {@code
 * http-request deny}).
 *
 * @param status 400 to 599
 */
public record Deny(int status) implements Step {
  /**
   * {@code Deny=STATUS}
   *
   * <p>Ends every request with that status, 400 to 599.
   *
   * <p>Example: {@code Deny=403}
   *
   * <p>Example: {@code Deny=403 when path-prefix(/admin) and not client-address(10.0.0.0/8)}
   */
  public static final FilterKind KIND =
      FilterKind.own("Deny", "status").with(Trait.ENDING, Trait.GUARD, Trait.FIRST).shown();

  public Deny {
    ResponseStatus.require(status, 400);
  }

  static Step compile(FilterSource source) throws NotCompilableException {
    return new Deny(source.arguments().number("status", 403));
  }

  @Override
  public FilterResult apply(RouteRequest request) {
    return request.refuse(status);
  }
}
