package dev.understudy.proxy.filter;

/** {@code Reject}: closes the connection, or resets the stream, without a response. */
public record Reject() implements Step.Rule {
  static Step compile(FilterSource source) throws NotCompilableException {
    var unused = source.arguments();
    return new Reject();
  }

  @Override
  public FilterResult apply(RouteRequest request) {
    return new FilterResult.Aborted();
  }
}
