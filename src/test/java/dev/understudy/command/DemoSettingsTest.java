package dev.understudy.command;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.file.Path;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** The demo completes the settings that it is given. */
class DemoSettingsTest {
  private static final Path FILE = Path.of("/tmp/gateway.yaml");

  private static DemoSettings of(String... given) {
    return DemoSettings.of(FILE, given, Map.of());
  }

  @Test
  void a_demo_has_its_own_file_a_token_and_a_quick_stop() {
    DemoSettings demo = of("--server.port=18080");
    assertThat(demo.arguments())
        .containsExactly(
            "--server.port=18080",
            "--understudy.config=/tmp/gateway.yaml",
            "--server.address=127.0.0.1",
            "--management.server.address=127.0.0.1",
            "--understudy.client.max-connections=256",
            "--understudy.drain.delay=0s",
            "--spring.lifecycle.timeout-per-shutdown-phase=500ms",
            "--understudy.admin.token=" + demo.token());
    assertThat(demo.token()).matches("[A-Za-z0-9_-]{24}");
    assertThat(demo.toString()).doesNotContain(demo.token());
    assertThat(of().token()).as("of another demo").isNotEqualTo(demo.token());
  }

  @Test
  void a_demo_is_open_to_other_machines_only_on_request() {
    DemoSettings argument = of("--server.address=0.0.0.0");
    assertThat(argument.arguments())
        .contains("--server.address=0.0.0.0", "--management.server.address=127.0.0.1")
        .doesNotContain("--server.address=127.0.0.1");
    DemoSettings variable =
        DemoSettings.of(FILE, new String[0], Map.of("MANAGEMENT_SERVER_ADDRESS", "0.0.0.0"));
    assertThat(variable.arguments())
        .contains("--server.address=127.0.0.1")
        .noneMatch(setting -> setting.startsWith("--management.server.address"));
  }

  @Test
  void a_given_setting_is_given_once() {
    assertThat(of("--understudy.drain.delay=5s").arguments())
        .filteredOn(argument -> argument.startsWith("--understudy.drain.delay="))
        .containsExactly("--understudy.drain.delay=5s");
  }

  @ParameterizedTest
  @ValueSource(
      strings = {"--understudy.admin.token=mine", "--understudy.admin.tokens-file=tokens.yaml"})
  void with_an_operators_own_token_the_demo_has_none(String given) {
    DemoSettings demo = of(given);
    assertThat(demo.token()).isNull();
    assertThat(demo.arguments())
        .filteredOn(argument -> argument.contains(".admin."))
        .containsExactly(given);
    Map<String, String> environment = Map.of("UNDERSTUDY_ADMIN_TOKEN_FILE", "token");
    assertThat(DemoSettings.of(FILE, new String[0], environment).token()).isNull();
  }
}
