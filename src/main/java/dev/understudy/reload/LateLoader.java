package dev.understudy.reload;

import dev.understudy.config.ConfigLoader;
import dev.understudy.config.LoadResult;
import dev.understudy.proxy.gateway.OfflineRouteTrial;
import dev.understudy.proxy.gateway.RouteTrial;
import dev.understudy.proxy.listener.BundleFaults;
import java.nio.file.Path;
import org.springframework.boot.ssl.SslBundles;

/**
 * Loads the dynamic file before and after Spring's context has made the Gateway. Before, a route
 * that does not compile is accepted on credit; a file that is refused for another reason is checked
 * with a Gateway made for that, so that all problems are told at once.
 */
public final class LateLoader implements LiveConfiguration.Loader {
  private final LateRouteChecker checker;
  private final ConfigLoader loader;

  public LateLoader(SslBundles bundles, BundleFaults faults) {
    checker = new LateRouteChecker(bundles, faults);
    loader = new ConfigLoader(new ExpressRouteChecker(checker));
  }

  /** Checks routes with the Gateway from now on. */
  public void use(RouteTrial gateway) {
    checker.use(gateway);
  }

  @Override
  public LoadResult load(Path file, byte[] content) {
    checker.begin();
    LoadResult result = loader.load(file, content);
    if (result instanceof LoadResult.Rejected && checker.isOwing()) {
      try (OfflineRouteTrial gateway = OfflineRouteTrial.open()) {
        checker.use(gateway.trial());
        return loader.load(file, content);
      }
    }
    return result;
  }

  @Override
  public boolean isOnCredit() {
    return checker.isOwing();
  }
}
