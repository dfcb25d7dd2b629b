package dev.understudy.proxy.filter;

import dev.understudy.pool.FilterKind;
import dev.understudy.proxy.http.UpgradeProtocols;

/**
 * {@code AllowUpgrade}: lets requests ask their server for these protocols (Envoy {@code
 * upgrade_configs}); the last one in a route counts.
 */
public record AllowUpgrade(UpgradeProtocols protocols) implements Step {
  /**
   * {@code AllowUpgrade=PROTOCOL[, PROTOCOL]}
   *
   * <p>Relays HTTP/1.1 requests whose {@code Upgrade} names one of these protocols; see
   * [Upgrades](filters.md#upgrades). Only the last such filter that a request passes counts.
   *
   * <p>Example: {@code AllowUpgrade=tcp, SPDY/3.1}
   */
  public static final FilterKind KIND =
      FilterKind.own("AllowUpgrade", "protocols").shown().split(1);

  static Step compile(FilterSource source) throws NotCompilableException {
    return new AllowUpgrade(UpgradeProtocols.of(source.arguments().text("protocols")));
  }

  @Override
  public FilterResult apply(RouteRequest request) {
    request.allowUpgrade(protocols);
    return FilterResult.PASS;
  }
}
