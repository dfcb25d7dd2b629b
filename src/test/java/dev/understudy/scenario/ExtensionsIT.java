package dev.understudy.scenario;

import static org.assertj.core.api.Assertions.assertThat;

import dev.understudy.scenario.UpgradedProxy.Upgrade;
import dev.understudy.testing.ExtensionJar;
import dev.understudy.testing.Extent;
import dev.understudy.testing.TestServer;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import org.junit.jupiter.api.AutoClose;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Jars of the directory of extensions, in the built program. */
@Tag(Extent.SLOW)
class ExtensionsIT {
  @TempDir private Path folder;

  @AutoClose
  private final TestServer server =
      new TestServer(
          "server",
          call ->
              call.reply(
                  200, call.line().contains("/lag") ? "0" : "stamp " + call.header("x-stamp")));

  private Path config(String health, String filters) throws IOException {
    return Files.writeString(
        folder.resolve("gateway.yaml"),
        """
        pools:
          p: { servers: { a: { url: "http://127.0.0.1:%d" } }, health: %s }
        routes:
          - { id: all, uri: "pool://p", predicates: ["Path=/**", "After=2020-01-01T00:00:00Z"], filters: %s }
        """
            .formatted(server.port(), health, filters));
  }

  private Path work() throws IOException {
    return Files.createTempDirectory(folder, "work");
  }

  /** A filter that tells the server that text; moved into place, as the page says. */
  private void stamp(Path jars, String text) throws IOException {
    Path jar =
        new ExtensionJar(work())
            .filter(
                "Stamp",
                """
                return (exchange, chain) -> {
                  var request = exchange.getRequest().mutate().header("X-Stamp", "%s").build();
                  return chain.filter(exchange.mutate().request(request).build());
                };
                """
                    .formatted(text))
            .build(folder.resolve("stamp.jar.new"));
    Files.move(jar, jars.resolve("stamp.jar"), StandardCopyOption.ATOMIC_MOVE);
  }

  @Test
  void an_upgrade_takes_other_jars_and_one_that_is_bad_changes_nothing() throws Exception {
    Path jars = Files.createDirectory(folder.resolve("extensions"));
    new ExtensionJar(work())
        .against(Path.of("target/understudy-api.jar"))
        .project(Path.of("config/extension-check"))
        .build(jars.resolve("lag.jar"));
    stamp(jars, "one");
    Path config =
        config(
            "{ type: extension, name: Lag, arguments: { most-seconds: \"1\" }, timeout: 20s }",
            "[Stamp]");
    try (UpgradedProxy proxy =
            UpgradedProxy.start(
                folder, config, UpgradedProxy.AT_ONCE, "--understudy.extensions=" + jars);
        Load load = Load.start(proxy.proxy().port())) {
      load.awaitAnswersOf("stamp one", 50);
      stamp(jars, "two");
      assertThat(proxy.upgrade()).returns(0, Upgrade::status);
      load.awaitAnswersOf("stamp two", 50);

      Path bad = Files.writeString(jars.resolve("bad.jar"), "no jar");
      assertThat(proxy.upgrade()).returns(1, Upgrade::status);
      assertThat(proxy.proxy().log()).contains(bad + ": expected a jar");
      load.awaitAnswersOf("stamp two", 50);

      Files.delete(bad);
      stamp(jars, "three");
      assertThat(proxy.upgrade()).returns(0, Upgrade::status);
      load.awaitAnswersOf("stamp three", 50);
      assertThat(load.finish()).allMatch(Load.Sample::ok);
    }
  }

  @Test
  void without_the_setting_no_class_for_them_is_loaded() throws Exception {
    Path config = config("{ type: tcp, timeout: 20s }", "[]");
    try (ProxyProcess proxy =
        ProxyProcess.start(folder, config, "-Xlog:class+load:file=classes.log")) {
      assertThat(HttpConnection.once(proxy.port(), "GET", "/").body()).isEqualTo("stamp null");
      proxy.terminate();
      assertThat(proxy.awaitEnd()).isTrue();
    }
    assertThat(Files.readString(folder.resolve("classes.log")))
        .contains("dev.understudy.proxy.gateway.RouteTrial")
        .doesNotContain("dev.understudy.extension.", "dev.understudy.api.");
  }
}
