package dev.understudy.reload;

import dev.understudy.config.ConfigLoader;
import dev.understudy.config.LoadResult;
import dev.understudy.config.RouteChecker;
import dev.understudy.extension.Extensions;
import dev.understudy.hook.HookCommand;
import dev.understudy.proxy.gateway.OfflineRouteTrial;
import dev.understudy.proxy.gateway.RouteTrial;
import dev.understudy.proxy.listener.BundleFailureText;
import dev.understudy.proxy.listener.UnusableBundleException;
import java.nio.file.Path;
import org.jspecify.annotations.Nullable;
import org.springframework.boot.ssl.SslBundles;

/**
 * Loads the dynamic file before and after Spring's context has made the Gateway. Before, a route
 * that does not compile is accepted for now; a file that is refused for another reason is checked
 * with a Gateway made for that, so that all problems are reported at once.
 */
public final class DeferredCheckLoader implements LiveConfiguration.Loader {
  private final SslBundles bundles;
  private final BundleFailureText faults;
  private final @Nullable Path hooks;
  private final @Nullable Extensions extensions;
  private final ConfigLoader loader;
  private volatile @Nullable RouteTrial gateway;
  private volatile boolean deferred;

  /**
   * @param hooks where the programs of hooks are; null if there are none
   * @param extensions null if there are none
   */
  public DeferredCheckLoader(
      SslBundles bundles,
      BundleFailureText faults,
      @Nullable Path hooks,
      @Nullable Extensions extensions) {
    this.bundles = bundles;
    this.faults = faults;
    this.hooks = hooks;
    this.extensions = extensions;
    this.loader = new ConfigLoader(new Checker());
  }

  /** Accepts what the Gateway would be asked about while there is none, and remembers that. */
  private final class Checker extends GatewayRouteChecker {
    Checker() {
      super(DeferredCheckLoader.this.extensions);
    }

    @Override
    @Nullable RouteTrial gateway() {
      RouteTrial now = gateway;
      if (now == null) {
        deferred = true;
      }
      return now;
    }

    @Override
    public @Nullable String bundleProblem(String bundle) {
      if (!bundles.getBundleNames().contains(bundle)) {
        return UnusableBundleException.expectedName(bundles);
      }
      String why = faults.why(bundles, bundle);
      return why == null ? null : BundleFailureText.USABLE + " (" + why + ")";
    }

    @Override
    public @Nullable String programProblem(String name) {
      return HookCommand.problem(hooks, name);
    }
  }

  /** What it asks about parts of a file, and others ask about what is none. */
  public RouteChecker checker() {
    return loader.checker();
  }

  /** Checks routes with the Gateway from now on. */
  public void use(RouteTrial now) {
    gateway = now;
  }

  @Override
  public LoadResult load(Path file, byte[] content) {
    deferred = false;
    LoadResult result = loader.load(file, content);
    if (result instanceof LoadResult.Rejected && deferred) {
      try (OfflineRouteTrial offline = OfflineRouteTrial.open(extensions)) {
        gateway = offline.trial();
        return loader.load(file, content);
      }
    }
    return result;
  }

  @Override
  public boolean isProvisional() {
    return deferred;
  }
}
