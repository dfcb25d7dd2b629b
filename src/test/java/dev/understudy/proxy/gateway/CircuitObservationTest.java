package dev.understudy.proxy.gateway;

import static org.assertj.core.api.Assertions.assertThat;

import dev.understudy.testing.TestClient;
import java.time.Duration;
import java.util.Set;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedClass;
import org.junit.jupiter.params.provider.MethodSource;

/** Which requests a circuit breaker counts, and as what. */
@ParameterizedClass
@MethodSource("lanes")
class CircuitObservationTest extends LaneProtocolTable {
  private static final Duration LONG = Duration.ofSeconds(60);

  @Test
  void a_circuit_breaker_counts_successful_and_failed_responses() {
    start(two().passive());
    client().get("/");
    master.script(call -> call.reply(500, "no"));
    client().get("/");
    assertThat(seen.calls).containsExactly(false, true);
  }

  @Test
  void a_status_that_a_client_can_cause_is_no_failure_to_a_circuit_breaker() {
    start(two().passive());
    for (int status : new int[] {499, 500, 501, 502, 503, 504, 505, 507, 599}) {
      seen.calls.clear();
      master.script(call -> call.reply(status, "no"));
      client().get("/");
      assertThat(seen.calls)
          .as("%d", status)
          .containsExactly(!Set.of(499, 501, 505).contains(status));
    }
  }

  @Test
  void a_response_to_a_request_whose_body_is_incomplete_counts_for_no_circuit_breaker() {
    start(two().passive());
    master.script(call -> call.write("HTTP/1.1 503 No\r\nContent-Length: 2\r\n\r\nno"));
    assertThat(client().begin("POST", "/", 10).body("half").response().status()).isEqualTo(503);
    client().get("/");
    assertThat(seen.calls).containsExactly(true);
  }

  @Test
  void a_timeout_of_a_client_that_waits_for_100_continue_counts_for_no_circuit_breaker() {
    start(two().passive().timeouts(LONG, LONG, Duration.ofMillis(200)));
    master.freeze();
    TestClient client = client().begin("POST", "/", 1, "Expect: 100-continue");
    assertThat(client.response().status()).isEqualTo(504);
    assertThat(seen.calls).isEmpty();
  }
}
