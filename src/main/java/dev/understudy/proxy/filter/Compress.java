package dev.understudy.proxy.filter;

import dev.understudy.pool.FilterKind;
import dev.understudy.pool.FilterKind.Trait;
import dev.understudy.proxy.compress.Compression;

/**
 * {@code Compress}: compresses the response if its kind is wanted and the client takes gzip, by the
 * {@code Accept-Encoding} at this step (HAProxy {@code compression algo gzip}).
 */
public record Compress(Compression settings) implements Step {
  /**
   * {@code Compress[=TYPE, TYPE]}
   *
   * <p>Compresses responses of servers with gzip; see [Compression](filters.md#compression).
   *
   * <p>Example: {@code Compress=text/html, application/json}
   */
  public static final FilterKind KIND =
      FilterKind.own("Compress", "types", "level", "min-size")
          .with(Trait.SERVER_RESPONSE)
          .shown()
          .split(1);

  static Step compile(FilterSource source) throws NotCompilableException {
    return new Compress(Compression.of(source.arguments()::text));
  }

  @Override
  public FilterResult apply(RouteRequest request) {
    request.compress(settings);
    return FilterResult.PASS;
  }
}
