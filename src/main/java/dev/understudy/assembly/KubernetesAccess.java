package dev.understudy.assembly;

import dev.understudy.kubernetes.KubernetesSettings;
import dev.understudy.settings.AgreementSettings;
import org.springframework.core.env.Environment;

/** Access to the Kubernetes API, as {@code understudy.agreement.kubernetes} and the pod have it. */
final class KubernetesAccess {
  private KubernetesAccess() {}

  /**
   * Reads the settings, and the pod's defaults.
   *
   * @throws IllegalArgumentException if they cannot be used, with the setting's name
   */
  static KubernetesSettings of(AgreementSettings settings, Environment environment) {
    AgreementSettings.Kubernetes kubernetes = settings.kubernetes();
    String name = kubernetes.podName();
    String uid = kubernetes.podUid();
    return KubernetesSettings.of(
        new KubernetesSettings.Given(
            kubernetes.url(), kubernetes.namespace(), kubernetes.tokenFile(), kubernetes.caFile()),
        settings.name(),
        ReplicaName.of(settings, environment),
        name == null || uid == null ? null : new KubernetesSettings.Pod(name, uid),
        key -> key == null ? null : environment.getProperty(key),
        KubernetesSettings.SERVICE_ACCOUNT);
  }
}
