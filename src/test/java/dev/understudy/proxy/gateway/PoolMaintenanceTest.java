package dev.understudy.proxy.gateway;

import static org.assertj.core.api.Assertions.assertThat;

import dev.understudy.network.Networks;
import dev.understudy.pool.PoolMaintenance;
import dev.understudy.proxy.http.TrustedProxies;
import dev.understudy.testing.Response;
import dev.understudy.testing.Scenario;
import dev.understudy.testing.TestPools;
import dev.understudy.traffic.RequestEnd;
import java.time.Instant;
import java.util.List;
import org.junit.jupiter.params.ParameterizedClass;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.MethodSource;
import org.junit.jupiter.params.provider.ValueSource;

/** What clients see of the maintenance of a whole pool. */
@ParameterizedClass
@MethodSource("lanes")
class PoolMaintenanceTest extends StoryTable {
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

  @Scenario.Each(
      """
      an allowed client is held and goes to the server that serves
        two trusting hold 10; maintenance 192.0.2.0/24; pause b
        GET /allowed 0 X-Forwarded-For: 192.0.2.7; held 1; GET /; / 503; move
        /allowed 200 backup
      what is held when it begins gets the 503
        two trusting hold 10; pause b; POST / 10; held 1; maintenance; / 503; end MAINTENANCE
        give-up; master got 0
      an event stream ends unless its client was let in
        two trusting undrained; master begins events; GET /events 0 X-Forwarded-For: 192.0.2.7
        /events begins 3; maintenance 192.0.2.0/24; /events 200 abc; end STREAM_MOVED
        GET /events 0 X-Forwarded-For: 192.0.2.7; /events begins 3; GET /; / 503; go
        /events 200 abcdef
      a GET that runs finishes
        two trusting; master answers later; GET /runs; at master 1; maintenance; GET /; / 503
        go; /runs 200 master
      a POST that runs finishes
        two trusting; master answers later; POST /runs 10; at master 1; maintenance; GET /
        / 503; go; /runs 200 master
      """)
  void what_is_held_or_runs(Scenario story) {
    play(story);
  }
}
