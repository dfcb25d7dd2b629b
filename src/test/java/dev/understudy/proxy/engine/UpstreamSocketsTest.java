package dev.understudy.proxy.engine;

import static org.assertj.core.api.Assertions.assertThat;

import dev.understudy.health.LocalFailure;
import dev.understudy.proxy.engine.EngineRig.Client;
import dev.understudy.testing.Await;
import dev.understudy.testing.Recorder;
import dev.understudy.testing.TestPools;
import dev.understudy.testing.TestServer;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/** Requests when there may be no more connections to servers. */
class UpstreamSocketsTest {
  private final Recorder seen = new Recorder();
  private final TestServer server = new TestServer("a");

  @AfterEach
  void close() {
    server.close();
  }

  @Test
  void a_request_beyond_the_limit_waits_for_a_connection_and_the_server_is_not_blamed() {
    try (EngineRig rig = new EngineRig(TestPools.pool().master("a", server.port()).start(), seen)) {
      rig.engine.sockets().limit(rig.engine.sockets().open());
      Client client = rig.get("/");
      Await.until("it is held", () -> seen.held.get() == 1);
      rig.ticks(2);
      assertThat(seen.localFailures).contains(LocalFailure.DESCRIPTORS);
      rig.engine.sockets().limit(Integer.MAX_VALUE);
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
      rig.engine.sockets().limit(1);
      rig.engine.sockets().whenFull(rig.engine::closeIdle);
      assertThat(rig.getFrom("b", "/").await().status()).isEqualTo(200);
      assertThat(rig.engine.sockets().open()).isEqualTo(1);
      assertThat(rig.get("/").await().status()).isEqualTo(200);
      assertThat(other.openConnections()).isZero();
    }
  }

  @Test
  void a_connection_that_could_not_be_made_does_not_count() {
    int port = server.port();
    server.kill();
    try (EngineRig rig = new EngineRig(TestPools.pool().master("a", port).start(), seen)) {
      Client client = rig.get("/");
      Await.until("it was refused", () -> !seen.troubles.isEmpty());
      Await.until("it does not count", () -> rig.engine.sockets().open() == 0);
      server.restart();
      assertThat(client.await().status()).isEqualTo(200);
    }
  }
}
