package dev.understudy.reload;

import dev.understudy.extension.Extensions;
import dev.understudy.proxy.gateway.OfflineRouteTrial;
import dev.understudy.proxy.gateway.RouteTrial;
import org.jspecify.annotations.Nullable;

/**
 * Checks routes where no proxy runs; opens the Gateway when it is first asked. Accepts every name
 * of an SSL bundle: bundles are static settings, which may differ where the file is to be used.
 */
public final class OfflineRouteChecker extends GatewayRouteChecker implements AutoCloseable {
  private @Nullable OfflineRouteTrial opened;

  /** Checks with the Gateway's and our own predicates and filters alone. */
  public OfflineRouteChecker() {
    this(null);
  }

  /**
   * @param extensions null if there are none; closed with the checker
   */
  public OfflineRouteChecker(@Nullable Extensions extensions) {
    super(extensions);
  }

  /** Whether the Gateway was asked for anything. */
  synchronized boolean isOpen() {
    return opened != null;
  }

  @Override
  synchronized RouteTrial gateway() {
    OfflineRouteTrial trial = opened;
    if (trial == null) {
      trial = OfflineRouteTrial.open(extensions);
      opened = trial;
    }
    return trial.trial();
  }

  @Override
  public synchronized void close() {
    if (opened != null) {
      opened.close();
    }
    if (extensions != null) {
      extensions.close();
    }
  }
}
