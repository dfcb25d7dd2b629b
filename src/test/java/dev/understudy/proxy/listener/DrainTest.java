package dev.understudy.proxy.listener;

import static org.assertj.core.api.Assertions.assertThat;

import dev.understudy.testing.Await;
import dev.understudy.testing.RawClient;
import java.io.UncheckedIOException;
import java.net.ConnectException;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import org.junit.jupiter.api.Test;

class DrainTest {
  private static int status(int port, String path) {
    try (RawClient client = new RawClient(port)) {
      return client.get(path).status();
    }
  }

  @Test
  void first_we_are_not_ready_then_no_connection_is_taken_and_what_runs_ends() {
    ListenerApp app = ListenerApp.start(List.of("understudy.drain.delay=5s"));
    ListenerApp.Held held = app.held();
    int port = app.port();
    int management = app.managementPort();
    try (RawClient running = new RawClient(port)) {
      running.request("GET", "/held");
      Await.until("it has arrived", held.arrived::isDone);
      assertThat(status(management, "/actuator/health/readiness")).isEqualTo(200);
      CompletableFuture<Void> closing = CompletableFuture.runAsync(app.context::close);
      Await.until("we are stopping", app.context.getBean(Listeners.class).frontend()::isStopping);
      // Within the delay: not ready, but serving.
      assertThat(status(management, "/actuator/health/readiness")).isEqualTo(503);
      assertThat(held.told).isNotDone();
      assertThat(status(port, "/new")).isEqualTo(200);
      // After it: tunnels are told, new connections refused, management still there.
      Await.until("tunnels are told", held.told::isDone);
      assertThat(held.told.join()).isBetween(Duration.ofSeconds(1), Duration.ofSeconds(30));
      Await.until("nobody is taken", () -> isRefused(port));
      assertThat(status(management, "/actuator/health/liveness")).isEqualTo(200);
      assertThat(closing).isNotDone();
      held.release.complete(null);
      assertThat(running.response().status()).isEqualTo(200);
      assertThat(closing).isNotDone();
      held.tunnelsEnded.complete(null);
      Await.until("all is closed", closing::isDone);
    }
  }

  /** A connection that the closing listener had queued is reset, which is no refusal yet. */
  private static boolean isRefused(int port) {
    try (RawClient client = new RawClient(port)) {
      return false;
    } catch (UncheckedIOException e) {
      return e.getCause() instanceof ConnectException;
    }
  }
}
