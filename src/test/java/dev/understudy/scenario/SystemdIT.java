package dev.understudy.scenario;

import static org.assertj.core.api.Assertions.assertThat;

import dev.understudy.systemd.FakeServiceManager;
import dev.understudy.testing.Await;
import dev.understudy.testing.Extent;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The built jar as a service of type notify. */
class SystemdIT {
  @TempDir private Path folder;

  private Path config() throws Exception {
    return Files.writeString(
        folder.resolve("gateway.yaml"),
        """
        pools:
          only: { servers: { only: { url: "http://127.0.0.1:%d", role: master } } }
          web: { servers: { one: { url: "http://127.0.0.1:%d", role: master } } }
        routes:
          - { id: all, uri: "pool://only", predicates: ["Path=/**"] }
          - { id: web, uri: "pool://web", predicates: ["Path=/web"] }
        """
            .formatted(Ports.free(), Ports.free()));
  }

  @Test
  void tells_when_it_is_ready_that_it_lives_and_that_it_stops() throws Exception {
    Path socket = folder.resolve("notify");
    try (FakeServiceManager manager = FakeServiceManager.listen(socket);
        ProxyProcess proxy =
            ProxyProcess.start(
                folder,
                config(),
                Map.of("NOTIFY_SOCKET", socket.toString(), "WATCHDOG_USEC", "200000"),
                "--understudy.drain.delay=0s")) {
      manager.await("READY=1");
      manager.await("STATUS=0 of 2 pools served");
      int told = manager.lines().size();
      Await.until(
          "the watchdog is fed",
          () -> manager.lines().stream().skip(told).filter("WATCHDOG=1"::equals).count() >= 3);
      assertThat(manager.lines()).doesNotContain("STOPPING=1");

      proxy.terminate();
      manager.await("STOPPING=1");
      assertThat(proxy.awaitEnd()).isTrue();
      assertThat(manager.lines())
          .containsSubsequence("READY=1", "WATCHDOG=1", "STOPPING=1", "STATUS=Draining");
    }
  }

  @Tag(Extent.SLOW)
  @Test
  void without_a_service_manager_no_class_of_it_is_loaded() throws Exception {
    try (ProxyProcess proxy =
        ProxyProcess.start(folder, config(), "-Xlog:class+load:file=classes.log")) {
      proxy.terminate();
      assertThat(proxy.awaitEnd()).isTrue();
    }
    assertThat(Files.readString(folder.resolve("classes.log")))
        .contains("dev.understudy.application.Launcher")
        .doesNotContain("dev.understudy.systemd", "dev.understudy.application.SystemdBeans");
  }
}
