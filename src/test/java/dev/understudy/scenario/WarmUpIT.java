package dev.understudy.scenario;

import static org.assertj.core.api.Assertions.assertThat;

import dev.understudy.scenario.UpgradedProxy.Running;
import dev.understudy.scenario.UpgradedProxy.Upgrade;
import dev.understudy.testing.Await;
import dev.understudy.testing.ExtensionJar;
import dev.understudy.testing.Extent;
import dev.understudy.testing.TestServer;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.AutoClose;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** A next process warms itself up before it takes over. */
@Tag(Extent.SLOW)
class WarmUpIT {
  private static final List<String> PAGES =
      List.of(
          "/actuator/prometheus",
          "/api/overview",
          "/api/pools",
          "/api/routes",
          "/api/events",
          "/api/config",
          "/api/certificates");

  @TempDir private Path folder;
  @AutoClose private final TestServer server = new TestServer("server");

  private Path config(String filters) throws IOException {
    return Files.writeString(
        folder.resolve("gateway.yaml"),
        """
        pools:
          p: { servers: { a: { url: "http://127.0.0.1:%d" } }, health: { type: tcp, timeout: 20s } }
        default-filters: %s
        routes:
          - { id: all, uri: "pool://p", predicates: ["Path=/**"] }
        """
            .formatted(server.port(), filters));
  }

  @Test
  void neither_process_shows_logs_or_remembers_it_and_no_filter_of_a_user_sees_it()
      throws Exception {
    Path jars = Files.createDirectory(folder.resolve("extensions"));
    Path called = folder.resolve("called");
    new ExtensionJar(Files.createDirectory(folder.resolve("work")))
        .filter(
            "Note",
            """
            return (exchange, chain) -> {
              try {
                java.nio.file.Files.createFile(java.nio.file.Path.of("%s"));
              } catch (java.io.IOException e) {
                throw new IllegalStateException(e);
              }
              return chain.filter(exchange);
            };
            """
                .formatted(called))
        .build(jars.resolve("note.jar"));
    Path state = Files.createDirectory(folder.resolve("state"));
    try (UpgradedProxy proxy =
        UpgradedProxy.start(
            folder,
            config("[Note]"),
            "--understudy.extensions=" + jars,
            "--understudy.access-log=json",
            "--understudy.state-file=" + state.resolve("state"))) {
      Running upgrade = proxy.begin();
      while (!upgrade.isOver()) {
        showsNothing(proxy.proxy());
      }
      assertThat(upgrade.end()).returns(0, Upgrade::status);
      Await.until("it has warmed itself up", () -> proxy.proxy().log().contains("Warmed up by "));
      showsNothing(proxy.proxy());
      assertThat(called).doesNotExist();
      assertThat(HttpConnection.once(proxy.proxy().port(), "GET", "/").status()).isEqualTo(200);
      assertThat(called).exists();
      Await.until("it is in the access log", () -> proxy.proxy().log().contains("\"all\""));
      assertThat(proxy.proxy().log()).doesNotContain("/warm-up/", "warm-up.invalid");
      try (Stream<Path> files = Files.list(state)) {
        assertThat(files.toList())
            .isNotEmpty()
            .allSatisfy(file -> assertThat(file).content().doesNotContain("warm-up"));
      }
    }
  }

  private static void showsNothing(ProxyProcess proxy) {
    for (String page : PAGES) {
      // The process before closes the connection under way when it is replaced.
      String shown = shown(proxy, page);
      assertThat(shown).as(page).doesNotContain("warm-up");
      assertThat(shown.lines())
          .as(page)
          .noneMatch(line -> line.startsWith("understudy_requests_seconds_count"))
          .noneMatch(line -> line.matches("understudy_client_connections [1-9].*"));
    }
  }

  private static String shown(ProxyProcess proxy, String page) {
    try {
      return HttpConnection.once(proxy.managementPort(), "GET", page).body();
    } catch (IOException e) {
      return "";
    }
  }

  /** With the first its requests are refused, with the second most of its clients wait for ever. */
  @ParameterizedTest
  @ValueSource(
      strings = {"--understudy.client.max-body=0B", "--understudy.client.max-connections=1"})
  void one_that_cannot_warm_itself_up_takes_over_all_the_same(String setting) throws Exception {
    try (UpgradedProxy proxy = UpgradedProxy.start(folder, config("[]"), setting)) {
      assertThat(proxy.upgrade()).returns(0, Upgrade::status);
      assertThat(HttpConnection.once(proxy.proxy().port(), "GET", "/").status()).isEqualTo(200);
    }
  }

  @Test
  void one_whose_clients_begin_with_a_proxy_header_warms_itself_up_as_well() throws Exception {
    try (UpgradedProxy proxy =
        UpgradedProxy.start(folder, config("[]"), "--understudy.proxy-protocol=on")) {
      assertThat(proxy.upgrade()).returns(0, Upgrade::status);
      Await.until(
          "it has warmed itself up",
          () ->
              proxy
                  .proxy()
                  .log()
                  .lines()
                  .anyMatch(line -> line.matches(".*Warmed up by \\d{2,} .*")));
    }
  }
}
