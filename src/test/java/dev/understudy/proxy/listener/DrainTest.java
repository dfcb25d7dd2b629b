package dev.understudy.proxy.listener;

import static org.assertj.core.api.Assertions.assertThat;

import dev.understudy.testing.Await;
import java.io.IOException;
import java.io.InputStream;
import java.net.ConnectException;
import java.net.Socket;
import java.net.SocketException;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;

class DrainTest {
  private static final int PATIENCE_SECONDS = 20;

  private static void request(Socket socket, String path) throws IOException {
    socket
        .getOutputStream()
        .write(
            ("GET " + path + " HTTP/1.1\r\nHost: a\r\n\r\n").getBytes(StandardCharsets.US_ASCII));
  }

  private static String line(Socket socket) throws IOException {
    InputStream in = socket.getInputStream();
    StringBuilder text = new StringBuilder();
    for (int b = in.read(); b >= 0 && b != '\n'; b = in.read()) {
      text.append((char) b);
    }
    return text.toString();
  }

  private static String status(int port, String path) throws IOException {
    try (Socket socket = new Socket("127.0.0.1", port)) {
      request(socket, path);
      return line(socket);
    }
  }

  @Test
  void first_we_are_not_ready_then_no_connection_is_taken_and_what_runs_ends() throws Exception {
    ListenerApp app = ListenerApp.start(List.of("understudy.drain.delay=5s"));
    ListenerApp.Held held = app.held();
    int port = app.port();
    int management = app.managementPort();
    try (Socket running = new Socket("127.0.0.1", port)) {
      request(running, "/held");
      held.arrived.get(PATIENCE_SECONDS, TimeUnit.SECONDS);
      assertThat(status(management, "/actuator/health/readiness")).contains("200");

      CompletableFuture<Void> closing = CompletableFuture.runAsync(app.context::close);
      Await.until("we are stopping", app.context.getBean(Listeners.class).frontend()::isStopping);
      // Within the delay: not ready, but serving.
      assertThat(status(management, "/actuator/health/readiness")).contains("503");
      assertThat(held.told).isNotDone();
      assertThat(status(port, "/new")).contains("200");

      // After it: tunnels are told, new connections refused, management still there.
      assertThat(held.told.get(PATIENCE_SECONDS, TimeUnit.SECONDS))
          .isBetween(Duration.ofSeconds(1), Duration.ofSeconds(30));
      long deadline = System.nanoTime() + TimeUnit.SECONDS.toNanos(PATIENCE_SECONDS);
      while (!isRefused(port)) {
        assertThat(System.nanoTime()).as("in time").isLessThan(deadline);
      }
      assertThat(status(management, "/actuator/health/liveness")).contains("200");
      assertThat(closing).isNotDone();

      held.release.complete(null);
      assertThat(line(running)).contains("200");
      assertThat(closing).isNotDone();
      held.tunnelsEnded.complete(null);
      closing.get(PATIENCE_SECONDS, TimeUnit.SECONDS);
    }
  }

  /** A connection that the closing listener had queued is reset, which is no refusal yet. */
  private static boolean isRefused(int port) throws IOException {
    try (Socket socket = new Socket("127.0.0.1", port)) {
      return false;
    } catch (ConnectException refused) {
      return true;
    } catch (SocketException reset) {
      return false;
    }
  }
}
