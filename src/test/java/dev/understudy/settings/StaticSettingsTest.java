package dev.understudy.settings;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.understudy.agreement.quorum.QuorumSettings.OnLoss;
import dev.understudy.proxy.session.StickyKey;
import dev.understudy.settings.AgreementSettings.Mode;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.springframework.boot.context.properties.bind.Binder;
import org.springframework.boot.context.properties.source.ConfigurationPropertySources;
import org.springframework.boot.context.properties.source.MapConfigurationPropertySource;
import org.springframework.core.env.SystemEnvironmentPropertySource;

class StaticSettingsTest {
  @TempDir Path directory;

  private static StaticSettings bind(Map<String, String> properties) {
    return new Binder(new MapConfigurationPropertySource(properties))
        .bindOrCreate("understudy", StaticSettings.class);
  }

  @Test
  void without_a_key_of_its_own_a_sticky_cookie_is_keyed_by_addresses() {
    assertThat(bind(Map.of()).stickyKey()).isSameAs(StickyKey.DERIVED);
  }

  @Test
  void a_sticky_key_is_read_from_its_file() throws IOException {
    Path file = Files.writeString(directory.resolve("key"), "0123456789abcdef");
    StaticSettings settings = bind(Map.of("understudy.sticky-key-file", file.toString()));
    assertThat(settings.stickyKey()).isNotSameAs(StickyKey.DERIVED);
  }

  @Test
  void a_sticky_key_that_is_none_says_which_setting_and_file_it_is() throws IOException {
    Path file = Files.writeString(directory.resolve("key"), "short");
    for (Path wrong : new Path[] {file, directory.resolve("nowhere")}) {
      assertThatThrownBy(() -> bind(Map.of("understudy.sticky-key-file", wrong.toString())))
          .rootCause()
          .message()
          .startsWith("understudy.sticky-key-file: ")
          .contains(wrong.toString());
    }
  }

  @Test
  void without_any_setting_a_replica_decides_alone() {
    AgreementSettings settings = bind(Map.of()).agreement();
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
    assertThat(
            bind(Map.of("understudy.agreement.replica", "Proxy-1.Example.COM"))
                .agreement()
                .replica())
        .isEqualTo("proxy-1.example.com");
  }
}
