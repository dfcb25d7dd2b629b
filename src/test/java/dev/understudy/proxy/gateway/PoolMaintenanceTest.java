package dev.understudy.proxy.gateway;

import static org.assertj.core.api.Assertions.assertThat;

import dev.understudy.network.Networks;
import dev.understudy.pool.PoolMaintenance;
import dev.understudy.proxy.http.TrustedProxies;
import dev.understudy.testing.Await;
import dev.understudy.testing.Response;
import dev.understudy.testing.TestClient;
import dev.understudy.testing.TestPools;
import dev.understudy.traffic.RequestEnd;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedClass;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.MethodSource;
import org.junit.jupiter.params.provider.ValueSource;

/** What clients see of the maintenance of a whole pool. */
@ParameterizedClass
@MethodSource("lanes")
class PoolMaintenanceTest extends LaneProtocolTable {
  private void startOn(TestPools.Builder pool) {
    start(lane, pool, TrustedProxies.of(List.of("127.0.0.0/8")));
  }

  private void until(Instant time) {
    pools.maintenance(new PoolMaintenance(true, Instant.now(), time, Networks.NONE, null));
  }

  @ParameterizedTest
  @CsvSource({
    "GET, text/html, false",
    "POST, text/html, false",
    "GET, application/grpc, false",
    "GET, */*, true",
    "POST, */*, true"
  })
  void every_request_gets_a_503_at_once(String method, String accept, boolean balance) {
    startOn(balance ? two().balance() : two());
    pools.maintenance();
    Response response =
        client()
            .request(method, "/", bytes(method.equals("GET") ? 0 : 10), "Accept: " + accept)
            .response(method);

    assertThat(response.status()).isEqualTo(503);
    assertThat(response.header("retry-after")).matches("[1-9]");
    if (accept.equals("text/html")) {
      assertThat(response.body()).contains("This service is being worked on");
    } else {
      assertThat(response.header("content-type")).isEqualTo("application/problem+json");
      assertThat(response.body()).contains("The service is in maintenance.");
    }
    assertThat(seen.outcome().end()).isEqualTo(RequestEnd.MAINTENANCE);
    assertThat(seen.outcome().heldNanos()).isZero();
    assertThat(master.calls()).isEmpty();
    assertThat(backup.calls()).isEmpty();

    pools.maintenance((PoolMaintenance) null);
    assertThat(client().get("/").status()).isEqualTo(200);
  }

  @ParameterizedTest
  @CsvSource({"600, 590, 600", "86400, 3600, 3600", "-5, 1, 1"})
  void retry_after_is_the_time_until_the_end_within_an_hour(int seconds, int least, int most) {
    startOn(two());
    until(Instant.now().plusSeconds(seconds));
    Response response = client().get("/", "Accept: text/html");
    assertThat(Integer.parseInt(response.header("retry-after"))).isBetween(least, most);
    assertThat(Integer.parseInt(response.header("refresh"))).isBetween(1, 120);
  }

  @ParameterizedTest
  @ValueSource(booleans = {true, false})
  void addresses_that_are_allowed_are_served_as_usual(boolean balance) {
    startOn(balance ? two().balance() : two());
    pools.maintenance("192.0.2.0/24", "2001:db8::/32");
    for (String allowed : List.of("192.0.2.7", "203.0.113.1, 192.0.2.9", "2001:db8::1")) {
      assertThat(client().get("/", "X-Forwarded-For: " + allowed).status())
          .as(allowed)
          .isEqualTo(200);
    }
    for (String other : List.of("203.0.113.1", "192.0.2.7, 203.0.113.1", "unknown")) {
      assertThat(client().get("/", "X-Forwarded-For: " + other).status()).as(other).isEqualTo(503);
    }
    assertThat(client().get("/").status()).as("the connection's own address").isEqualTo(503);
  }

  @Test
  void an_allowed_client_is_held_and_goes_to_the_server_that_serves() {
    startOn(two().hold(Duration.ofSeconds(20), 10, 1000));
    pools.maintenance("192.0.2.0/24");
    pools.pause("b", false);
    TestClient waiting = client().request("GET", "/", "X-Forwarded-For: 192.0.2.7");
    Await.until("it is held", () -> seen.held.get() == 1);
    assertThat(client().get("/").status()).isEqualTo(503);
    pools.move();
    assertThat(waiting.response().body()).isEqualTo("backup");
  }

  @Test
  void what_is_held_when_it_begins_gets_the_503() {
    startOn(two().hold(Duration.ofSeconds(20), 10, 1000));
    pools.pause("b", false);
    TestClient waiting = client().request("POST", "/", bytes(10));
    Await.until("it is held", () -> seen.held.get() == 1);
    pools.maintenance();
    assertThat(waiting.response("POST").status()).isEqualTo(503);
    assertThat(seen.outcome().end()).isEqualTo(RequestEnd.MAINTENANCE);
    pools.giveUp();
    assertThat(master.calls()).isEmpty();
  }

  @ParameterizedTest
  @ValueSource(strings = {"GET", "POST"})
  void what_runs_finishes(String method) {
    startOn(two());
    master.script(later(call -> call.reply(200, "master")));
    TestClient running = client().request(method, "/", bytes(method.equals("GET") ? 0 : 10));
    Await.until("it runs", () -> master.calls().size() == 1);
    pools.maintenance();
    assertThat(client().get("/").status()).isEqualTo(503);
    go.countDown();
    assertThat(running.response(method).body()).isEqualTo("master");
  }

  @Test
  void an_event_stream_ends_unless_its_client_was_let_in() {
    startOn(two().drain(Duration.ZERO));
    master.script(
        call -> {
          call.write(
              "HTTP/1.1 200 OK\r\nContent-Type: text/event-stream\r\n"
                  + "Transfer-Encoding: chunked\r\n\r\n4\r\nabc\n\r\n");
          go.await();
          call.write("4\r\ndef\n\r\n0\r\n\r\n");
        });
    TestClient early = client().request("GET", "/events", "X-Forwarded-For: 192.0.2.7");
    early.awaitBody(4);
    pools.maintenance("192.0.2.0/24");
    assertThat(early.response().body()).isEqualTo("abc\n");
    assertThat(seen.outcome().end()).isEqualTo(RequestEnd.STREAM_MOVED);

    TestClient back = client().request("GET", "/events", "X-Forwarded-For: 192.0.2.7");
    back.awaitBody(4);
    assertThat(client().get("/").status()).isEqualTo(503);
    go.countDown();
    assertThat(back.response().body()).isEqualTo("abc\ndef\n");
  }
}
