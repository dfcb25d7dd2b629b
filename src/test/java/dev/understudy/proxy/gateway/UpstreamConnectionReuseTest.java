package dev.understudy.proxy.gateway;

import static org.assertj.core.api.Assertions.assertThat;

import dev.understudy.testing.Await;
import dev.understudy.testing.TestClient;
import dev.understudy.testing.TestServer;
import dev.understudy.traffic.RetryReason;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedClass;
import org.junit.jupiter.params.provider.MethodSource;

/** Which connections to a server are kept and used again. */
@ParameterizedClass
@MethodSource("lanes")
class UpstreamConnectionReuseTest extends LaneProtocolTable {
  @Test
  void an_idle_connection_that_was_closed_is_replaced_without_notice() {
    start(two());
    TestClient client = client();
    client.get("/");
    master.closeConnections();
    Await.until("it is closed", () -> master.openConnections() == 0);
    assertThat(client.request("POST", "/", bytes(3)).response().status()).isEqualTo(200);
  }

  @Test
  void a_post_does_not_use_a_connection_that_was_idle_for_a_second() {
    start(two());
    TestClient client = client();
    client.get("/");
    long idleSince = System.nanoTime();
    Await.until("a second has passed", () -> System.nanoTime() - idleSince > 1_100_000_000L);
    client.request("POST", "/", bytes(3)).response();
    assertThat(master.connections()).isEqualTo(2);
    Await.until(
        "one of two in quick succession uses the connection of the other",
        () -> {
          int before = master.connections();
          client.request("POST", "/", bytes(3)).response();
          return master.connections() == before;
        });
  }

  @Test
  void a_request_that_meets_a_closing_connection_is_sent_on_a_new_one() {
    start(two());
    TestClient client = client();
    client.get("/");
    master.script(
        call -> {
          if (master.calls().size() == 2) {
            call.close();
          } else {
            call.reply(200, "new");
          }
        });
    assertThat(client.get("/").body()).isEqualTo("new");
    assertThat(seen.retries).containsExactly(RetryReason.STALE_CONNECTION);
    assertThat(master.connections()).isEqualTo(2);
  }

  @Test
  void a_post_that_meets_a_closing_connection_is_not_sent_again() {
    start(two());
    TestClient client = client();
    client.get("/");
    master.script(TestServer.Call::close);
    assertThat(client.request("POST", "/", bytes(3)).response().status()).isEqualTo(502);
    assertThat(seen.retries).isEmpty();
    assertThat(master.calls()).hasSize(2);
    assertThat(master.connections()).isEqualTo(1);
  }

  @Test
  void a_connection_with_stray_bytes_after_a_response_is_not_used_again() {
    start(two());
    master.script(
        call -> call.write("HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nokHTTP/1.1 200 OK\r\n"));
    TestClient client = client();
    assertThat(client.get("/").body()).isEqualTo("ok");
    assertThat(client.get("/").body()).isEqualTo("ok");
    assertThat(master.connections()).isEqualTo(2);
  }

  @Test
  void connections_to_a_server_judged_down_are_not_kept() {
    start(two());
    client().get("/");
    Await.until("one is kept", () -> master.openConnections() == 1);
    pools.failover("a", "b");
    Await.until("it is closed", () -> master.openConnections() == 0);
  }
}
