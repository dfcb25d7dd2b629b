package dev.understudy.proxy.listener;

import dev.understudy.proxy.front.Frontend;
import dev.understudy.settings.SettingsBinder;
import java.util.function.Function;
import java.util.function.UnaryOperator;
import org.springframework.boot.reactor.netty.autoconfigure.NettyServerProperties;
import org.springframework.boot.ssl.SslBundles;
import org.springframework.boot.web.server.autoconfigure.ServerProperties;
import org.springframework.core.env.ConfigurableEnvironment;

/** Listeners before a front door of the test's. */
public final class TestListeners {
  private TestListeners() {}

  /** Makes them of the environment's settings. */
  public static Listeners of(
      ConfigurableEnvironment environment,
      SslBundles bundles,
      Function<ListenerProperties, Frontend> door,
      TunnelDrain tunnels) {
    SettingsBinder binder = new SettingsBinder(environment);
    ListenerProperties own = binder.bind(ListenerProperties.class);
    return new Listeners(
        new Listeners.Parts(
            environment,
            binder.bind(ServerProperties.class),
            binder.bind(NettyServerProperties.class),
            own,
            bundles,
            new BundleFailureText(environment),
            door.apply(own),
            null,
            tunnels,
            () -> true,
            UnaryOperator.identity()));
  }

  /** The front door that they were made with. */
  public static Frontend door(Listeners listeners) {
    return listeners.door();
  }
}
