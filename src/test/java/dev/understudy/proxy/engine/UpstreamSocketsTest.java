package dev.understudy.proxy.engine;

import static org.assertj.core.api.Assertions.assertThat;

import dev.understudy.health.LocalFailure;
import dev.understudy.proxy.engine.EngineRig.Client;
import dev.understudy.proxy.upstream.UpstreamSockets;
import dev.understudy.testing.Await;
import dev.understudy.testing.Recorder;
import dev.understudy.testing.TestPools;
import dev.understudy.testing.TestServer;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.parallel.Isolated;

/** Requests when there may be no more connections to servers. */
@Isolated("limits the sockets of all")
class UpstreamSocketsTest {
  private final Recorder seen = new Recorder();
  private final TestServer server = new TestServer("a");

  @AfterEach
  void close() {
    UpstreamSockets.SHARED.limit(Integer.MAX_VALUE);
    UpstreamSockets.SHARED.whenFull(() -> {});
    server.close();
  }

  @Test
  void a_request_beyond_the_limit_waits_for_a_connection_and_the_server_is_not_blamed() {
    try (EngineRig rig = new EngineRig(TestPools.pool().master("a", server.port()).start(), seen)) {
      UpstreamSockets.SHARED.limit(UpstreamSockets.SHARED.open());
      Client client = rig.get("/");
      Await.until("it is held", () -> seen.held.get() == 1);
      rig.ticks(2);
      assertThat(seen.localFailures).contains(LocalFailure.DESCRIPTORS);
      UpstreamSockets.SHARED.limit(Integer.MAX_VALUE);
      assertThat(client.await().status()).isEqualTo(200);
      assertThat(seen.troubles).isEmpty();
    }
  }

  @Test
  void idle_connections_to_other_servers_make_room() {
    try (TestServer other = new TestServer("b");
        EngineRig rig =
            new EngineRig(
                TestPools.pool().master("a", server.port()).backup("b", other.port()).start(),
                seen)) {
      int before = UpstreamSockets.SHARED.open();
      UpstreamSockets.SHARED.limit(before + 1);
      UpstreamSockets.SHARED.whenFull(rig.engine::closeIdle);
      assertThat(rig.getFrom("b", "/").await().status()).isEqualTo(200);
      assertThat(UpstreamSockets.SHARED.open()).isEqualTo(before + 1);
      assertThat(rig.get("/").await().status()).isEqualTo(200);
      assertThat(other.openConnections()).isZero();
    }
  }

  @Test
  void a_connection_that_could_not_be_made_does_not_count() {
    int port = server.port();
    server.kill();
    int before = UpstreamSockets.SHARED.open();
    try (EngineRig rig = new EngineRig(TestPools.pool().master("a", port).start(), seen)) {
      Client client = rig.get("/");
      Await.until("it was refused", () -> !seen.troubles.isEmpty());
      Await.until("it does not count", () -> UpstreamSockets.SHARED.open() == before);
      server.restart();
      assertThat(client.await().status()).isEqualTo(200);
    }
  }
}
