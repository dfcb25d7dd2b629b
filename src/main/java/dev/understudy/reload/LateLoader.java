package dev.understudy.reload;

import static java.nio.charset.StandardCharsets.UTF_8;

import dev.understudy.config.ConfigLoader;
import dev.understudy.config.LoadResult;
import dev.understudy.config.RouteChecker;
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
  private static final String SAMPLE =
      """
      pools:
        a:
          servers:
            b: { url: "${URL:http://127.0.0.1:1}", role: master }
            c: { url: "http://127.0.0.1:2", role: backup }
          health: { path: /status, interval: 1s, expect: { body: version } }
      routes:
        - { id: a, uri: "pool://a", predicates: [ "Path=/**" ] }
      """;

  private final LateRouteChecker checker;
  private final ConfigLoader loader;

  public LateLoader(SslBundles bundles, BundleFaults faults) {
    checker = new LateRouteChecker(bundles, faults);
    loader = new ConfigLoader(new ExpressRouteChecker(checker));
  }

  /** Loads a sample, so that the classes for it are ready when the first file comes. */
  public static LoadResult prepare() {
    return new ConfigLoader(name -> null, RouteChecker.NONE)
        .load(Path.of("sample.yaml"), SAMPLE.getBytes(UTF_8));
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
