package dev.understudy.proxy.gateway;

import static org.assertj.core.api.Assertions.assertThat;

import dev.understudy.testing.Response;
import dev.understudy.testing.TestClient;
import dev.understudy.traffic.RequestEnd;
import java.time.Duration;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedClass;
import org.junit.jupiter.params.provider.MethodSource;

/** 1xx responses, {@code Expect: 100-continue}, and final responses that come early. */
@ParameterizedClass
@MethodSource("lanes")
class InterimResponsesTest extends LaneProtocolTable {
  private static final Duration LONG = Duration.ofSeconds(60);

  @Test
  void interim_responses_are_relayed() {
    start(two());
    master.script(
        call -> {
          call.write("HTTP/1.1 103 Early\r\nLink: </x>\r\n\r\n");
          call.reply(200, "late");
        });
    TestClient client = client();
    Response early = client.get("/");
    assertThat(early.status()).isEqualTo(103);
    assertThat(early.header("link")).isEqualTo("</x>");
    assertThat(client.response().body()).isEqualTo("late");
  }

  @Test
  void endless_interim_responses_are_502() {
    start(two());
    master.script(
        call -> {
          for (int i = 0; i < 1000; i++) {
            call.write("HTTP/1.1 103 Early\r\nLink: </x>\r\n\r\n");
          }
        });
    TestClient client = client().request("GET", "/");
    for (int i = 0; i < 100; i++) {
      assertThat(client.response().status()).isEqualTo(103);
    }
    assertThat(client.response().status()).isEqualTo(502);
    assertThat(seen.outcome().end()).isEqualTo(RequestEnd.SERVER_FAILED);
  }

  @Test
  void an_expectation_is_not_met_by_early_hints() {
    start(two().timeouts(LONG, LONG, Duration.ofMillis(300)));
    master.script(
        call -> {
          call.write("HTTP/1.1 103 Early\r\nLink: </x>\r\n\r\n");
          call.body();
        });
    TestClient client = client().begin("POST", "/", 1, "Expect: 100-continue");
    assertThat(client.response().status()).isEqualTo(103);
    assertThat(client.response().status()).isEqualTo(504);
  }

  @Test
  void an_expectation_is_forwarded_and_the_server_sends_100_continue() {
    start(two());
    master.script(
        call -> {
          call.write("HTTP/1.1 100 Continue\r\n\r\n");
          call.reply(200, call.text());
        });
    TestClient client = client().begin("POST", "/", 4, "Expect: 100-continue");
    assertThat(client.response().status()).isEqualTo(100);
    assertThat(client.body("body").end().response().body()).isEqualTo("body");
    assertThat(master.calls().get(0).header("expect")).isEqualTo("100-continue");
  }

  @Test
  void an_early_final_response_is_relayed_although_the_server_reads_no_more() {
    start(two());
    master.script(
        call -> {
          call.write("HTTP/1.1 413 No\r\nContent-Length: 3\r\n\r\ntoo");
          call.close();
        });
    TestClient client = client().begin("POST", "/", 100_000_000).body("abc");
    Response response = client.response();
    assertThat(response.status()).isEqualTo(413);
    assertThat(response.body()).isEqualTo("too");
    assertThat(seen.outcome().end()).isEqualTo(RequestEnd.COMPLETED);
  }
}
