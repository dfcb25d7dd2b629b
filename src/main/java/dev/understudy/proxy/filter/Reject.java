package dev.understudy.proxy.filter;

import dev.understudy.pool.FilterKind;
import dev.understudy.pool.FilterKind.Trait;

/** {@code Reject}: closes the connection, or resets the stream, without a response. */
public record Reject() implements Step.Rule {
  /**
   * {@code Reject}
   *
   * <p>Closes the connection, or resets the HTTP/2 stream, without a response.
   */
  public static final FilterKind KIND =
      FilterKind.own("Reject").with(Trait.ENDING, Trait.GUARD, Trait.FIRST).shown();

  static Step compile(FilterSource source) throws NotCompilableException {
    var unused = source.arguments();
    return new Reject();
  }

  @Override
  public FilterResult apply(RouteRequest request) {
    return new FilterResult.Aborted();
  }
}
