package dev.understudy.scenario;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.understudy.testing.Await;
import dev.understudy.testing.Extent;
import dev.understudy.testing.TestServer;
import java.io.IOException;
import java.net.InetAddress;
import java.net.Socket;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

/** The built jar with few file descriptors, and clients that want more than there are. */
class DescriptorsIT {
  private static final int LIMIT = 400;
  private static final int CLIENTS = 500;

  @TempDir private Path folder;
  private final TestServer master = new TestServer("master");
  private final TestServer backup = new TestServer("backup");
  private final List<Socket> idle = new ArrayList<>();

  @AfterEach
  void close() throws IOException {
    for (Socket each : idle) {
      each.close();
    }
    master.close();
    backup.close();
  }

  private Path config(int tcpPort) throws IOException {
    return Files.writeString(
        folder.resolve("gateway.yaml"),
        """
        pools:
          web:
            servers:
              one: { url: "http://127.0.0.1:%1$d", role: master }
              two: { url: "http://127.0.0.1:%2$d", role: backup }
            health: { path: / }
          plain:
            servers:
              one: { url: "tcp://127.0.0.1:%1$d", role: master }
              two: { url: "tcp://127.0.0.1:%2$d", role: backup }
        listeners:
          plain: { port: %3$d, address: 127.0.0.1, pool: plain }
        routes:
          - { id: web, uri: "pool://web", predicates: ["Path=/**"] }
        """
            .formatted(master.port(), backup.port(), tcpPort));
  }

  private void connect(int port) throws IOException {
    for (int i = 0; i < CLIENTS; i++) {
      idle.add(new Socket(InetAddress.getLoopbackAddress(), port));
    }
  }

  private static void awaitProbes(ProxyProcess proxy, String pool) {
    String before = lastProbe(proxy, pool);
    Await.until("another probe ended", () -> !lastProbe(proxy, pool).equals(before));
  }

  private static String lastProbe(ProxyProcess proxy, String pool) {
    return server(proxy, pool).path("lastProbe").path("at").asString();
  }

  private static JsonNode server(ProxyProcess proxy, String pool) {
    return pool(proxy, pool).path("servers").get(0);
  }

  private static JsonNode pool(ProxyProcess proxy, String pool) {
    return JsonMapper.shared().readTree(proxy.manage("/api/pools/" + pool));
  }

  private static void assertMasterServes(ProxyProcess proxy) {
    for (String pool : List.of("web", "plain")) {
      for (int i = 0; i < 3; i++) {
        awaitProbes(proxy, pool);
      }
      assertThat(pool(proxy, pool).path("serving").asString()).isEqualTo("one");
      assertThat(pool(proxy, pool).path("reason").asString()).isEqualTo("INITIAL");
      assertThat(server(proxy, pool).path("status").asString()).isEqualTo("UP");
    }
    assertThat(proxy.manage("/actuator/prometheus"))
        .contains("understudy_local_failures_total{resource=\"descriptors\"} 0.0");
  }

  @Tag(Extent.SLOW)
  @Test
  void idle_clients_of_either_lane_move_no_role_and_cost_neither_probes_nor_the_management_port()
      throws Exception {
    int tcpPort = Ports.free();
    try (ProxyProcess proxy =
        ProxyProcess.startWithDescriptors(LIMIT, folder, config(tcpPort), "-Xmx128m")) {
      assertThat(proxy.log())
          .containsPattern("understudy.client.max-connections: \\d+ instead of \\d+.* 400 files");
      connect(proxy.port());
      Await.until("the limit is met", () -> proxy.manage("/actuator/prometheus").matches(FULL));
      assertMasterServes(proxy);
      try (HttpConnection client = new HttpConnection(proxy.port())) {
        assertThat(client.send("GET", "/", "").status()).as("idle ones make room").isEqualTo(200);
      }
      connect(tcpPort);
      assertMasterServes(proxy);
    }
  }

  private static final String FULL =
      "(?s).*understudy_limited_total\\{limit=\"CONNECTIONS\"\\} [1-9].*";

  @Test
  void with_a_limit_that_is_too_low_to_run_with_it_does_not_start_and_says_so() throws Exception {
    Path config = config(Ports.free());
    assertThatThrownBy(() -> ProxyProcess.startWithDescriptors(64, folder, config))
        .rootCause()
        .hasMessageContaining("The limit of open files: expected at least ")
        .hasMessageContaining(" file descriptors, found 64");
  }
}
