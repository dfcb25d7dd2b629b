package dev.understudy;

import static java.nio.charset.StandardCharsets.US_ASCII;
import static org.assertj.core.api.Assertions.assertThat;

import dev.understudy.health.HealthStatus;
import dev.understudy.monitor.Monitor;
import dev.understudy.pool.PoolId;
import dev.understudy.pool.ServerId;
import dev.understudy.proxy.listener.DynamicListeners;
import dev.understudy.snapshot.PoolState;
import dev.understudy.testing.Await;
import dev.understudy.testing.FakeNameServer;
import dev.understudy.testing.Protocol;
import dev.understudy.testing.TestClient;
import dev.understudy.testing.TestServer;
import java.io.IOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.nio.file.Path;
import java.util.HashSet;
import java.util.Set;
import org.junit.jupiter.api.AutoClose;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/**
 * A replica in the zone west before pools of the same servers, of HTTP and relayed, and before one
 * whose servers SRV records name.
 */
class ServersOnSocketsTest {
  private static final String RECORDS = "_pg._tcp.db.example";

  @AutoClose private static TestServer east;
  @AutoClose private static TestServer closed;
  @AutoClose private static TestServer headed;
  @AutoClose private static FakeNameServer names;
  @AutoClose private static TestProxy proxy;

  @BeforeAll
  static void start(@TempDir Path folder) throws Exception {
    east = new TestServer("east");
    closed = new TestServer("closed");
    closed.kill();
    headed = new TestServer("headed");
    headed.kill();
    names = new FakeNameServer();
    names.answer("host.example", 0, InetAddress.getLoopbackAddress());
    proxy =
        new TestProxy(
            folder,
            """
            dns: { servers: ["127.0.0.1:%2$d"], hold: 0s }
            pools:
              web:
                mode: balance
                prefer-same-zone: true
                servers: { a: { url: "http://127.0.0.1:%1$d", zone: east }, b: { url: "http://SERVER", zone: west } }
                health: { type: tcp }
              relayed:
                mode: balance
                prefer-same-zone: true
                servers: { a: { url: "tcp://127.0.0.1:%1$d", zone: east }, b: { url: "tcp://SERVER", zone: west } }
              named:
                mode: balance
                servers: { pg: { url: "tcp+srv://%3$s", count: 3 } }
                health: { interval: 50ms }
              apart:
                servers:
                  a: { url: "http://127.0.0.1:%4$d", health-port: %1$d }
                  b: { url: "http://SERVER", role: backup }
                health: { type: tcp }
              relayed-apart:
                servers:
                  a: { url: "tcp://127.0.0.1:%4$d", health-port: %1$d }
                  b: { url: "tcp://SERVER", role: backup }
                health: { type: tcp }
              headed-apart:
                servers:
                  a: { url: "tcp://127.0.0.1:%5$d", health-port: %1$d }
                  b: { url: "tcp://SERVER", role: backup }
                proxy-protocol: v1
                health: { type: tcp }
            listeners:
              headed: { port: 0, address: 127.0.0.1, pool: headed-apart }
              apart: { port: 0, address: 127.0.0.1, pool: relayed-apart }
              tcp: { port: 0, address: 127.0.0.1, pool: relayed }
              named: { port: 0, address: 127.0.0.1, pool: named }
            routes:
            """
                    .formatted(
                        east.port(),
                        names.address().getPort(),
                        RECORDS,
                        closed.port(),
                        headed.port())
                + TestProxy.routes("web", "web", "'Path=/LANE/'", "[ ]")
                + TestProxy.routes("apart", "apart", "'Path=/apart/LANE/'", "[ ]"),
            "understudy.zone=west");
    proxy.requireLanesAsNamed();
    proxy.server.script(call -> call.reply(200, "west"));
  }

  private static int listener(String name) {
    return proxy.bean(DynamicListeners.class).port(name).orElseThrow();
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
    assertThat(servers(listener("tcp"), "/")).containsExactly("west");
  }

  @Test
  void a_master_that_refuses_its_clients_is_left_although_its_check_on_another_port_is_good() {
    for (String lane : TestProxy.LANES) {
      assertThat(servers(proxy.port(), "/apart" + lane)).containsExactly("west");
    }
    assertThat(servers(listener("apart"), "/")).containsExactly("west");
  }

  @Test
  void the_connection_that_tries_what_clients_try_begins_with_their_proxy_header()
      throws IOException {
    InetAddress loopback = InetAddress.getLoopbackAddress();
    try (Socket client = new Socket(loopback, listener("headed"))) {
      assertThat(client.isConnected()).isTrue();
      Await.until("the server is left", () -> isDown("headed-apart", "a"));
    }
    try (ServerSocket server = new ServerSocket(headed.port(), 50, loopback)) {
      server.setSoTimeout(20_000);
      try (Socket probe = server.accept()) {
        probe.setSoTimeout(20_000);
        assertThat(new String(probe.getInputStream().readNBytes(6), US_ASCII)).isEqualTo("PROXY ");
      }
    }
  }

  private static boolean isDown(String pool, String server) {
    PoolState state = proxy.bean(Monitor.class).current().pool(new PoolId(pool));
    return state != null
        && state.servers().stream()
            .filter(each -> each.server().id().equals(new ServerId(server)))
            .anyMatch(each -> each.status() == HealthStatus.DOWN);
  }

  @Test
  void connections_follow_the_records() {
    for (TestServer each : new TestServer[] {east, proxy.server}) {
      names.services(RECORDS, new FakeNameServer.Service(1, each.port(), "host.example"));
      Await.until("it is the only server", () -> isAlone(each.port()));
      assertThat(servers(listener("named"), "/")).containsExactly(each == east ? "east" : "west");
    }
  }

  private static boolean isAlone(int port) {
    PoolState pool = proxy.bean(Monitor.class).current().pool(new PoolId("named"));
    return pool != null
        && pool.servers().size() == 1
        && pool.servers().get(0).server().address().port() == port
        && pool.servers().get(0).usable();
  }
}
