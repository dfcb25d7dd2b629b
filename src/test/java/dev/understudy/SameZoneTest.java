package dev.understudy;

import static org.assertj.core.api.Assertions.assertThat;

import dev.understudy.proxy.listener.DynamicListeners;
import dev.understudy.testing.Protocol;
import dev.understudy.testing.TestClient;
import dev.understudy.testing.TestServer;
import java.nio.file.Path;
import java.util.HashSet;
import java.util.Set;
import org.junit.jupiter.api.AutoClose;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** A replica in the zone west before two pools of the same servers: of HTTP, and relayed. */
class SameZoneTest {
  @AutoClose private static TestServer east;
  @AutoClose private static TestProxy proxy;

  @BeforeAll
  static void start(@TempDir Path folder) {
    east = new TestServer("east");
    proxy =
        new TestProxy(
            folder,
            """
            pools:
              web:
                mode: balance
                prefer-same-zone: true
                servers:
                  a: { url: "http://127.0.0.1:%1$d", zone: east }
                  b: { url: "http://SERVER", zone: west }
                health: { type: tcp }
              relayed:
                mode: balance
                prefer-same-zone: true
                servers:
                  a: { url: "tcp://127.0.0.1:%1$d", zone: east }
                  b: { url: "tcp://SERVER", zone: west }
            listeners:
              tcp: { port: 0, address: 127.0.0.1, pool: relayed }
            routes:
            """
                    .formatted(east.port())
                + TestProxy.routes("web", "web", "'Path=/LANE/'", "[ ]"),
            "understudy.zone=west");
    proxy.requireLanesAsNamed();
    proxy.server.script(call -> call.reply(200, "west"));
  }

  private static Set<String> servers(int port, String path) {
    Set<String> servers = new HashSet<>();
    for (int i = 0; i < 6; i++) {
      try (TestClient client = Protocol.HTTP_1_1.connect(port)) {
        servers.add(client.get(path).body());
      }
    }
    return servers;
  }

  @Test
  void requests_and_connections_go_to_the_server_of_the_same_zone() {
    for (String lane : TestProxy.LANES) {
      assertThat(servers(proxy.port(), lane)).containsExactly("west");
    }
    int relayed = proxy.bean(DynamicListeners.class).port("tcp").orElseThrow();
    assertThat(servers(relayed, "/")).containsExactly("west");
  }
}
