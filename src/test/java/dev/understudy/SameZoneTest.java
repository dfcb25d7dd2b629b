package dev.understudy;

import static org.assertj.core.api.Assertions.assertThat;

import dev.understudy.proxy.listener.DynamicListeners;
import dev.understudy.testing.Protocol;
import dev.understudy.testing.TestClient;
import dev.understudy.testing.TestServer;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** A replica in the zone west before two pools of the same servers: of HTTP, and relayed. */
class SameZoneTest {
  private static TestServer east;
  private static TestServer west;
  private static TestProxy proxy;

  @BeforeAll
  static void start(@TempDir Path folder) throws Exception {
    east = new TestServer("east");
    west = new TestServer("west");
    Path file =
        Files.writeString(
            folder.resolve("gateway.yaml"),
            """
            pools:
              web:
                mode: balance
                prefer-same-zone: true
                servers:
                  a: { url: "http://127.0.0.1:%1$d", zone: east }
                  b: { url: "http://127.0.0.1:%2$d", zone: west }
                health: { type: tcp }
              relayed:
                mode: balance
                prefer-same-zone: true
                servers:
                  a: { url: "tcp://127.0.0.1:%1$d", zone: east }
                  b: { url: "tcp://127.0.0.1:%2$d", zone: west }
            routes:
              - { id: express, uri: "pool://web", predicates: [ "Path=/express" ] }
              - { id: gateway, uri: "pool://web", predicates: [ "Path=/gateway", "After=2020-01-01T00:00:00Z" ] }
            listeners:
              tcp: { port: 0, address: 127.0.0.1, pool: relayed }
            """
                .formatted(east.port(), west.port()));
    proxy = new TestProxy(file, List.of("understudy.zone=west"));
    proxy.requireLanesAsNamed();
  }

  @AfterAll
  static void stop() {
    proxy.close();
    east.close();
    west.close();
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
    assertThat(servers(proxy.port(), "/express")).containsExactly("west");
    assertThat(servers(proxy.port(), "/gateway")).containsExactly("west");
    int relayed = proxy.bean(DynamicListeners.class).port("tcp").orElseThrow();
    assertThat(servers(relayed, "/")).containsExactly("west");
  }
}
