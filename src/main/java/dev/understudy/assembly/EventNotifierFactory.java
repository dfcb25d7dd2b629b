package dev.understudy.assembly;

import dev.understudy.admin.access.AdminProperties;
import dev.understudy.notification.EventNotifier;
import dev.understudy.notification.NotificationSource;
import dev.understudy.notification.ReceiverSettings;
import dev.understudy.pool.UpstreamTls;
import dev.understudy.settings.AgreementSettings;
import dev.understudy.settings.StaticSettings;
import io.netty.handler.ssl.SslContext;
import java.nio.file.Path;
import java.util.List;
import java.util.function.Function;
import org.springframework.core.env.Environment;

/**
 * Makes the notifications; a separate class, so that no class of the package is loaded without a
 * receiver.
 */
final class EventNotifierFactory {
  /**
   * Renewals for which an event is kept that another replica has to send: that one is known to be
   * gone after 3.
   */
  private static final int STANDBY = 10;

  private EventNotifierFactory() {}

  /**
   * Makes the notifications from the settings, and subscribes them to the events.
   *
   * @throws IllegalArgumentException if a setting cannot be used, with its name
   */
  static EventNotifier of(
      StaticSettings all,
      Environment environment,
      ControlPlane control,
      Function<UpstreamTls, SslContext> tls) {
    requireBundles(all.notifications(), tls);
    AgreementSettings agreement = all.agreement();
    AdminProperties admin = all.admin();
    Path state = all.stateFile();
    NotificationSource origin =
        new NotificationSource(
            agreement.name(),
            ReplicaName.of(agreement, environment),
            agreement.mode() != AgreementSettings.Mode.STANDALONE,
            control.history.name(),
            admin == null ? null : admin.url());
    EventNotifier made =
        new EventNotifier(
            all.notifications(),
            origin,
            control.monitor::agreement,
            agreement.renew().multipliedBy(STANDBY),
            state == null ? null : state.resolveSibling(state.getFileName() + ".notifications"),
            tls,
            control.clock.wall(),
            control.files);
    control.events.subscribe(made::happened);
    return made;
  }

  private static void requireBundles(
      List<ReceiverSettings> receivers, Function<UpstreamTls, SslContext> tls) {
    for (int i = 0; i < receivers.size(); i++) {
      String bundle = receivers.get(i).bundle();
      try {
        if (bundle != null) {
          var unused = tls.apply(new UpstreamTls(bundle, null, true));
        }
      } catch (IllegalArgumentException e) {
        throw new IllegalArgumentException(
            "understudy.notifications[" + i + "].bundle: " + e.getMessage(), e);
      }
    }
  }
}
