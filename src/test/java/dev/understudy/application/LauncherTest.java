package dev.understudy.application;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** What starts the proxy without the command line's library: only what that would not change. */
class LauncherTest {

  @ParameterizedTest
  @ValueSource(
      strings = {
        "serve",
        "serve --server.port=1",
        "--server.port=1 --understudy.config=a=b",
        "--understudy.trusted-proxies="
      })
  void settings_alone_are_nothing_to_parse(String line) {
    assertThat(Launcher.hasSettingsOnly(line.split(" "))).isTrue();
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "validate gateway.yaml",
        "demo",
        "--help",
        "serve --help",
        "serve -h",
        "--version",
        "--help=true",
        "serve --version=true",
        "serv --server.port=1",
        "--server.port=1 serve",
        "serve serve",
        "serve --debug",
        "--=1"
      })
  void all_else_is_parsed(String line) {
    assertThat(Launcher.hasSettingsOnly(line.split(" "))).isFalse();
  }

  @ParameterizedTest
  @ValueSource(strings = {"serve --a=1 --b=serve", "--a=1 --b=serve"})
  void settings_are_handed_on_as_they_are(String line) {
    assertThat(Launcher.settings(line.split(" "))).containsExactly("--a=1", "--b=serve");
  }
}
