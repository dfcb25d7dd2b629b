package dev.understudy.proxy.filter;

/**
 * {@code Deny}: ends every request with an error response: nothing reaches a server (HAProxy {@code
 * http-request deny}).
 *
 * @param status 400 to 599
 */
public record Deny(int status) implements Step {
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
