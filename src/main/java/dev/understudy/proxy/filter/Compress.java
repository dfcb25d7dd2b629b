package dev.understudy.proxy.filter;

import dev.understudy.proxy.compress.Compression;

/**
 * {@code Compress}: compresses the response if its kind is wanted and the client takes gzip, by the
 * {@code Accept-Encoding} at this step (HAProxy {@code compression algo gzip}).
 */
public record Compress(Compression settings) implements Step {
  static Step compile(FilterSource source) throws NotCompilableException {
    return new Compress(Compression.of(source.arguments()::text));
  }

  @Override
  public FilterResult apply(RouteRequest request) {
    request.compress(settings);
    return FilterResult.PASS;
  }
}
