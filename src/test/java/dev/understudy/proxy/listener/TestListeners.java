package dev.understudy.proxy.listener;

import dev.understudy.handover.Inheritance;
import dev.understudy.proxy.frontend.Frontend;
import dev.understudy.proxy.tcp.TcpRelays;
import dev.understudy.settings.SettingsBinder;
import java.util.function.Function;
import java.util.function.UnaryOperator;
import org.jspecify.annotations.Nullable;
import org.springframework.boot.reactor.netty.autoconfigure.NettyServerProperties;
import org.springframework.boot.ssl.SslBundles;
import org.springframework.boot.web.server.autoconfigure.ServerProperties;
import org.springframework.core.env.ConfigurableEnvironment;

/** Listeners before a frontend of the test's. */
public final class TestListeners {
  private TestListeners() {}

  /** Makes them of the environment's settings. */
  public static Listeners of(
      ConfigurableEnvironment environment,
      SslBundles bundles,
      Function<ListenerProperties, Frontend> frontend,
      TunnelDrain tunnels) {
    return of(environment, bundles, frontend, null, tunnels);
  }

  /**
   * The same.
   *
   * @param relays null: no listener relays
   */
  static Listeners of(
      ConfigurableEnvironment environment,
      SslBundles bundles,
      Function<ListenerProperties, Frontend> frontend,
      @Nullable TcpRelays relays,
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
            own.tls().library(),
            new TicketKeys(own.tls().ticketKeys()),
            frontend.apply(own),
            relays,
            tunnels,
            () -> true,
            UnaryOperator.identity(),
            Inheritance.none()));
  }

  /** The frontend that they were made with. */
  public static Frontend frontend(Listeners listeners) {
    return listeners.frontend();
  }
}
