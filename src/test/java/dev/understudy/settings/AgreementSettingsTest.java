package dev.understudy.settings;

import static org.assertj.core.api.Assertions.assertThat;

import dev.understudy.WrongSettingsTest;
import dev.understudy.agreement.quorum.QuorumSettings.OnLoss;
import dev.understudy.settings.AgreementSettings.Mode;
import java.time.Duration;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.springframework.boot.context.properties.bind.Binder;
import org.springframework.boot.context.properties.source.ConfigurationPropertySources;
import org.springframework.boot.context.properties.source.MapConfigurationPropertySource;
import org.springframework.core.env.SystemEnvironmentPropertySource;

/**
 * What stands in {@code understudy.agreement}; what cannot stand there: {@link WrongSettingsTest}.
 */
class AgreementSettingsTest {

  private static AgreementSettings bind(Map<String, String> properties) {
    return new Binder(new MapConfigurationPropertySource(properties))
        .bindOrCreate("understudy", StaticSettings.class)
        .agreement();
  }

  @Test
  void without_any_setting_a_replica_decides_alone() {
    AgreementSettings settings = bind(Map.of());
    assertThat(settings.mode()).isEqualTo(Mode.STANDALONE);
    assertThat(settings.replica()).isNull();
    assertThat(settings.name()).isEqualTo("understudy");
    assertThat(settings.renew()).isEqualTo(Duration.ofSeconds(2));
    assertThat(settings.onLoss()).isEqualTo(OnLoss.LOCAL);
    assertThat(settings.etcd().urls()).isEmpty();
  }

  /** The names that the Deployment uses; {@code KubernetesTest} holds it to them. */
  @Test
  void the_pods_name_and_uid_come_from_the_environment() {
    Map<String, Object> environment =
        Map.of(
            "UNDERSTUDY_AGREEMENT_KUBERNETES_PODNAME", "proxy-7d9f",
            "UNDERSTUDY_AGREEMENT_KUBERNETES_PODUID", "3c1f");
    var source = new SystemEnvironmentPropertySource("systemEnvironment", environment);
    AgreementSettings settings =
        new Binder(ConfigurationPropertySources.from(source))
            .bindOrCreate("understudy", StaticSettings.class)
            .agreement();
    assertThat(settings.kubernetes().podName()).isEqualTo("proxy-7d9f");
    assertThat(settings.kubernetes().podUid()).isEqualTo("3c1f");
  }

  @Test
  void a_replicas_name_is_used_in_lower_case() {
    assertThat(bind(Map.of("understudy.agreement.replica", "Proxy-1.Example.COM")).replica())
        .isEqualTo("proxy-1.example.com");
  }
}
