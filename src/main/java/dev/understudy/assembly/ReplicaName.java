package dev.understudy.assembly;

import dev.understudy.settings.AgreementSettings;
import java.net.InetAddress;
import java.net.UnknownHostException;
import org.springframework.core.env.Environment;

/** The name of this replica. */
final class ReplicaName {
  private ReplicaName() {}

  /**
   * The setting, otherwise {@code HOSTNAME}, which shells often do not export, otherwise the
   * machine's name.
   *
   * @throws IllegalArgumentException if it cannot be used, with the setting's name
   */
  static String of(AgreementSettings settings, Environment environment) {
    if (settings.replica() != null) {
      return settings.replica();
    }
    String hostname = environment.getProperty("HOSTNAME");
    return AgreementSettings.replicaName(
        hostname == null || hostname.isBlank() ? machine() : hostname);
  }

  private static String machine() {
    try {
      return InetAddress.getLocalHost().getHostName();
    } catch (UnknownHostException e) {
      throw new IllegalArgumentException(
          "understudy.agreement.replica: expected a name that no other replica has, as neither"
              + " HOSTNAME nor the machine's name is known",
          e);
    }
  }
}
