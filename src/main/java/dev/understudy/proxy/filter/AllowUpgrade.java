package dev.understudy.proxy.filter;

import dev.understudy.proxy.http.UpgradeProtocols;

/**
 * {@code AllowUpgrade}: lets requests ask their server for these protocols (Envoy {@code
 * upgrade_configs}); the last one in a route counts.
 */
public record AllowUpgrade(UpgradeProtocols protocols) implements Step {
  static Step compile(FilterSource source) throws NotCompilableException {
    return new AllowUpgrade(UpgradeProtocols.of(source.arguments().text("protocols")));
  }

  @Override
  public FilterResult apply(RouteRequest request) {
    request.allowUpgrade(protocols);
    return FilterResult.PASS;
  }
}
