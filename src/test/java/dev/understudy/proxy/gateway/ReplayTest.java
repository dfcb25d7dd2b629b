package dev.understudy.proxy.gateway;

import static org.assertj.core.api.Assertions.assertThat;

import dev.understudy.health.Observation.Trouble;
import dev.understudy.pool.RetrySettings;
import dev.understudy.testing.Await;
import dev.understudy.testing.Response;
import dev.understudy.testing.TestClient;
import dev.understudy.testing.TestServer;
import dev.understudy.traffic.RequestEnd;
import dev.understudy.traffic.RetryReason;
import java.time.Duration;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedClass;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.MethodSource;
import org.junit.jupiter.params.provider.ValueSource;

/** Requests whose server fails before it responds: replayed, or ended with 502. */
@ParameterizedClass
@MethodSource("lanes")
class ReplayTest extends LaneProtocolTable {
  /** The master reads the first request and resets; it answers the next. */
  private void breakFirst() {
    master.script(
        call -> {
          call.body();
          if (master.calls().size() == 1) {
            call.reset();
          } else {
            call.reply(200, "again " + call.text().length());
          }
        });
  }

  private void breakAll() {
    master.script(
        call -> {
          call.body();
          call.reset();
        });
  }

  @ParameterizedTest
  @ValueSource(strings = {"GET", "PUT", "DELETE"})
  void a_connection_that_breaks_before_the_response_is_replayed_for_idempotent_methods(
      String method) {
    start(two());
    breakFirst();
    Response response = client().request(method, "/", bytes(5000)).response();
    assertThat(response.body()).isEqualTo("again 5000");
    assertThat(seen.retries).containsExactly(RetryReason.BROKEN);
    assertThat(seen.troubles).contains(Trouble.BROKEN);
    assertThat(seen.outcome().attempts()).isEqualTo(2);
  }

  @Test
  void a_request_is_sent_no_more_often_than_its_attempts_allow() {
    start(two());
    master.script(TestServer.Call::reset);
    Response response = client().get("/");
    assertThat(response.status()).isEqualTo(502);
    assertThat(master.calls()).hasSize(2);
    assertThat(seen.outcome().end()).isEqualTo(RequestEnd.SERVER_FAILED);
  }

  @Test
  void a_post_is_never_sent_twice() {
    start(two());
    breakAll();
    Response response = client().request("POST", "/", bytes(10)).response();
    assertThat(response.status()).isEqualTo(502);
    assertThat(master.calls()).hasSize(1);
    assertThat(backup.calls()).isEmpty();
  }

  @Test
  void a_post_with_an_idempotency_key_is_replayed_where_that_is_allowed() {
    RetrySettings defaults = RetrySettings.DEFAULT;
    start(two().retry(new RetrySettings(2, defaults.methods(), true)));
    breakFirst();
    byte[] body = bytes(10);
    assertThat(client().request("POST", "/", body, "Idempotency-Key: 1").response().body())
        .isEqualTo("again 10");
  }

  @Test
  void a_body_too_large_to_keep_is_not_replayed() {
    start(two().hold(Duration.ofSeconds(20), 10, 1000));
    breakAll();
    assertThat(client().request("PUT", "/", bytes(1001)).response().status()).isEqualTo(502);
    assertThat(master.calls()).hasSize(1);
  }

  @Test
  void a_request_cut_by_the_death_of_the_master_is_served_by_the_backup() {
    start(two());
    master.script(call -> go.await());
    TestClient client = client().request("GET", "/");
    Await.until("the master has it", () -> master.calls().size() == 1);
    master.kill();
    Await.until("it is held", () -> seen.held.get() == 1);
    pools.failover("a", "b");
    assertThat(client.response().body()).isEqualTo("backup");
    go.countDown();
  }

  @ParameterizedTest
  @CsvSource({"GET, 200", "HEAD, 200", "OPTIONS, 200", "POST, 502", "PUT, 502", "DELETE, 502"})
  void when_a_frozen_server_is_judged_down_safe_requests_alone_are_replayed(
      String method, int status) {
    start(two());
    master.freeze();
    boolean safe = status == 200;
    TestClient client =
        safe ? client().request(method, "/") : client().request(method, "/", bytes(10));
    Await.until("silence is told", () -> seen.troubles.contains(Trouble.SILENT));
    pools.failover("a", "b");
    assertThat(client.response(method).status()).isEqualTo(status);
    assertThat(backup.calls()).hasSize(safe ? 1 : 0);
    assertThat(seen.retries).isEqualTo(safe ? List.of(RetryReason.SERVER_DOWN) : List.of());
  }

  @Test
  void a_safe_request_waits_if_no_server_serves_when_its_own_is_judged_down() {
    start(two());
    master.freeze();
    TestClient client = client().request("GET", "/");
    Await.until("it is sent", () -> seen.troubles.contains(Trouble.SILENT));
    pools.serve(null);
    pools.down("a");
    Await.until("it is held", () -> seen.held.get() == 1);
    pools.serve("b");
    assertThat(client.response().body()).isEqualTo("backup");
  }

  @Test
  void a_request_leaves_a_server_that_is_down_and_then_ceases_to_serve() {
    start(two());
    master.freeze();
    pools.down("a");
    TestClient client = client().request("GET", "/");
    Await.until("silence is told", () -> seen.troubles.contains(Trouble.SILENT));
    pools.serve("b");
    assertThat(client.response().body()).isEqualTo("backup");
  }

  @ParameterizedTest
  @ValueSource(strings = {"GET", "POST"})
  void a_request_waits_for_the_replicas_while_their_server_is_down_here(String method) {
    start(two());
    pools.silent("a");
    TestClient client = client().request(method, "/", bytes(10));
    Await.until("it is held", () -> seen.held.get() == 1);
    pools.serve("b");
    assertThat(client.response().body()).isEqualTo("backup");
    assertThat(master.calls()).isEmpty();
  }

  @Test
  void a_changed_setting_of_a_server_disturbs_no_running_request() {
    start(two());
    master.script(later(call -> call.reply(200, "undisturbed")));
    TestClient client = client().request("POST", "/", bytes(10));
    Await.until("the master has it", () -> master.calls().size() == 1);
    pools.reincarnate("a");
    go.countDown();
    assertThat(client.response().body()).isEqualTo("undisturbed");
  }

  @Test
  void a_frozen_server_is_reported_silent_also_while_a_client_waits_for_100_continue() {
    start(two());
    master.freeze();
    TestClient client = client().begin("PUT", "/", 4, "Expect: 100-continue");
    Await.until("silence is told", () -> seen.troubles.contains(Trouble.SILENT));
    pools.failover("a", "b");
    assertThat(client.response().status()).isEqualTo(502);
  }
}
