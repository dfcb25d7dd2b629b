package dev.understudy.proxy.gateway;

import static org.assertj.core.api.Assertions.assertThat;

import dev.understudy.testing.Await;
import dev.understudy.testing.Response;
import dev.understudy.testing.TestClient;
import dev.understudy.traffic.RequestEnd;
import java.time.Duration;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedClass;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;
import org.junit.jupiter.params.provider.ValueSource;

/** What clients see of a planned switch. */
@ParameterizedClass
@MethodSource("lanes")
class PlannedPauseTest extends LaneProtocolTable {
  /** A request that runs at the master until {@link #go}. */
  private TestClient running(String method) {
    master.script(later(call -> call.reply(200, "master")));
    TestClient client = client().request(method, "/running", bytes(method.equals("GET") ? 0 : 10));
    Await.until("it runs", () -> master.calls().size() == 1);
    return client;
  }

  private void awaitPause() {
    Await.until("every event loop has seen it", () -> !seen.paused.isEmpty());
  }

  @ParameterizedTest
  @ValueSource(strings = {"GET", "POST"})
  void what_runs_finishes_at_the_old_server_and_what_is_new_waits_for_the_new_one(String method) {
    start(two());
    TestClient running = running(method);
    pools.pause("b", false);
    awaitPause();
    TestClient waiting = client().request(method, "/new", bytes(method.equals("GET") ? 0 : 10));
    Await.until("it is held", () -> seen.held.get() == 1);
    assertThat(pools.server("a").traffic().requests()).hasValue(1);
    go.countDown();
    assertThat(running.response().body()).isEqualTo("master");
    Await.until(
        "nothing runs at the old server", () -> pools.server("a").traffic().requests().get() == 0);
    assertThat(backup.calls()).as("it is still held").isEmpty();
    pools.move();
    assertThat(waiting.response().body()).isEqualTo("backup");
    assertThat(master.calls()).hasSize(1);
    assertThat(seen.paused).hasSize(1);
  }

  @Test
  void what_waits_goes_to_the_old_server_if_the_switch_is_given_up() {
    start(two());
    pools.pause("b", false);
    awaitPause();
    TestClient waiting = client().request("POST", "/new", bytes(10));
    Await.until("it is held", () -> seen.held.get() == 1);
    pools.giveUp();
    assertThat(waiting.response().body()).isEqualTo("master");
    assertThat(backup.calls()).isEmpty();
  }

  @Test
  void a_client_that_is_refused_as_too_many_wait_is_reported() {
    start(two().hold(Duration.ofSeconds(20), 1, 1000));
    pools.pause("b", false);
    awaitPause();
    TestClient waiting = client().request("GET", "/1");
    Await.until("it is held", () -> seen.held.get() == 1);
    assertThat(seen.fullHolds).isEmpty();
    assertThat(client().get("/2").status()).isEqualTo(503);
    assertThat(seen.fullHolds).isNotEmpty();
    pools.giveUp();
    assertThat(waiting.response().body()).isEqualTo("master");
  }

  @Test
  void an_event_stream_ends_so_that_its_client_comes_back() {
    start(two());
    master.script(
        call -> {
          call.write(
              "HTTP/1.1 200 OK\r\nContent-Type: text/event-stream\r\n"
                  + "Transfer-Encoding: chunked\r\n\r\n4\r\nabc\n\r\n");
          go.await();
        });
    TestClient client = client().request("GET", "/events");
    client.awaitBody(4);
    pools.pause("b", false);
    assertThat(client.response().body()).isEqualTo("abc\n");
    assertThat(seen.outcome().end()).isEqualTo(RequestEnd.STREAM_MOVED);
    Await.until(
        "nothing runs at the old server", () -> pools.server("a").traffic().requests().get() == 0);
  }

  @Test
  void a_safe_request_that_is_cut_is_served_by_the_new_server() {
    start(two());
    TestClient running = running("GET");
    pools.pause("b", false);
    awaitPause();
    pools.pause("b", true);
    Await.until("it is held", () -> seen.held.get() == 1);
    pools.move();
    assertThat(running.response().body()).isEqualTo("backup");
  }

  @Test
  void any_other_request_that_is_cut_is_not_executed_twice() {
    start(two());
    TestClient running = running("POST");
    pools.pause("b", true);
    Response response = running.response();
    assertThat(response.status()).isEqualTo(502);
    pools.move();
    assertThat(backup.calls()).isEmpty();
  }

  @Test
  void a_download_that_is_cut_does_not_look_whole() {
    start(two());
    master.script(
        call -> {
          call.write("HTTP/1.1 200 OK\r\nContent-Length: 12\r\n\r\n1234");
          go.await();
        });
    TestClient client = client().request("GET", "/download");
    client.awaitBody(4);
    pools.pause("b", false);
    awaitPause();
    assertThat(pools.server("a").traffic().requests()).as("it may finish").hasValue(1);
    pools.pause("b", true);
    Await.until(
        "nothing runs at the old server", () -> pools.server("a").traffic().requests().get() == 0);
    assertThat(seen.outcome().end()).isEqualTo(RequestEnd.STREAM_MOVED);
    assertThat(client.response().body()).isEqualTo("1234");
  }
}
