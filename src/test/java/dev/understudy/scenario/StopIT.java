package dev.understudy.scenario;

import static org.assertj.core.api.Assertions.assertThat;

import dev.understudy.testing.Await;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.AutoClose;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** A replica that is stopped leaves nobody behind. */
class StopIT {
  private static final int TUNNELS = 10;

  @TempDir private Path folder;
  @AutoClose private ServerProcess server;
  @AutoClose private ProxyProcess proxy;

  @BeforeEach
  void start() throws Exception {
    server = ServerProcess.start("only", folder);
    proxy =
        ProxyProcess.before(
            server.port(),
            folder,
            "--understudy.drain.delay=2s",
            "--spring.lifecycle.timeout-per-shutdown-phase=10s");
  }

  @Test
  void readiness_goes_first_then_requests_finish_and_tunnels_close() throws Exception {
    List<Integer> codes;
    try (TunnelClients tunnels = TunnelClients.open(proxy.port(), TUNNELS);
        HttpConnection kept = new HttpConnection(proxy.port());
        HttpConnection slow = new HttpConnection(proxy.port())) {
      assertThat(kept.send("GET", "/whoami", "").status()).isEqualTo(200);
      slow.write("GET /slow?ms=4000 HTTP/1.1\r\nHost: test\r\n\r\n");
      Await.until(
          "the slow request is under way",
          () -> proxy.manage("/api/pools/only").matches("(?s).*\"requests\"\\s*:\\s*1\\b.*"));
      proxy.terminate();
      Await.until("readiness goes", () -> proxy.status("/actuator/health/readiness") == 503);
      HttpConnection.Answer late = kept.send("GET", "/whoami", "");
      assertThat(late.status()).isEqualTo(200);
      codes = tunnels.awaitClosed();
      assertThat(slow.answer("GET").status()).isEqualTo(200);
    }
    assertThat(codes).containsOnly(1001);
    assertThat(proxy.awaitEnd()).isTrue();
    System.out.println("stopped: slow request answered, close codes " + codes);
  }
}
