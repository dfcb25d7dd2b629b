package dev.understudy.proxy.gateway;

import static org.assertj.core.api.Assertions.assertThat;

import dev.understudy.testing.Await;
import dev.understudy.testing.Response;
import dev.understudy.testing.Scenario;
import dev.understudy.testing.TestClient;
import dev.understudy.traffic.RequestEnd;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.CountDownLatch;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedClass;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.MethodSource;
import org.junit.jupiter.params.provider.ValueSource;

/** Responses that come late, break off or are no HTTP, and clients that go before their end. */
@ParameterizedClass
@MethodSource("lanes")
class BrokenResponsesTest extends StoryTable {
  private static final Duration LONG = Duration.ofSeconds(60);

  @Scenario.Each(
      """
      no response in time is 504
        two passive response 200; master freezes; GET /; / 504; end RESPONSE_TIMED_OUT
        failures true
      a response that falls silent is broken off
        two quiet 200; master begins a download; GET /; / breaks; end RESPONSE_BROKEN
      a slow response is relayed as it comes
        two; master begins a download; GET /; / begins 4; go; / 200 123456789012
      a response that is no HTTP is 502 and not replayed
        two; master speaks no HTTP; GET /; / 502; master got 1
      a client that disconnects cancels its request and the upstream connection is not reused
        two; master waits; GET /; at master 1; / leaves; end CLIENT_GONE; go; left
      during a stop requests without a response in time get a local one
        two; master waits; GET /; at master 1; stop 150; / 502; end STOPPING
      """)
  void a_response_that_does_not_come(Scenario story) {
    play(story);
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "Content-Length: 100\r\n\r\nhalf",
        "Transfer-Encoding: chunked\r\n\r\n4\r\nhalf\r\n",
        "Transfer-Encoding: chunked\r\n\r\nzz\r\nhalf\r\n",
      })
  void a_response_cut_short_by_the_server_resets_the_client(String rest) {
    start(two());
    master.script(
        call -> {
          call.write("HTTP/1.1 200 OK\r\n" + rest);
          call.close();
        });
    Response response = client().get("/");
    assertThat(response.status()).isIn(200, 0);
    assertThat(response.reset()).isTrue();
    assertThat(seen.outcome().end()).isEqualTo(RequestEnd.RESPONSE_BROKEN);
  }

  /**
   * @param size bytes that come: more than is kept for a client, or little more than a window
   */
  @ParameterizedTest
  @CsvSource({
    "Content-Length: 2000000, 1000000",
    "Content-Length: 2000000, 100000",
    "Transfer-Encoding: chunked, 1000000",
    "Transfer-Encoding: chunked, 100000",
  })
  void all_bytes_before_a_response_broke_off_reach_a_client_that_reads_late(
      String framing, int size) {
    start(two());
    CountDownLatch sent = new CountDownLatch(1);
    master.script(
        call -> {
          call.write("HTTP/1.1 200 OK\r\n" + framing + "\r\n\r\n");
          call.write(framing.startsWith("T") ? "1e8480\r\n" : "");
          call.write(new String(bytes(size), StandardCharsets.UTF_8));
          call.close();
          sent.countDown();
        });
    TestClient client = client().request("GET", "/");
    client.awaitBody(1);
    Await.until("the server has gone", () -> sent.getCount() == 0);
    if (size < 1_000_000) {
      assertThat(seen.outcome().end()).isEqualTo(RequestEnd.RESPONSE_BROKEN);
    }
    Response response = client.response();
    assertThat(response.body().length()).isEqualTo(size);
    assertThat(response.reset()).isTrue();
    assertThat(seen.outcome().end()).isEqualTo(RequestEnd.RESPONSE_BROKEN);
    assertThat(seen.outcome().bytesOut()).isEqualTo(size);
  }

  @Test
  void a_client_that_stops_sending_its_body_gets_408() {
    start(two().timeouts(LONG, LONG, Duration.ofSeconds(1)));
    TestClient client = client().begin("POST", "/", 10).body("half");
    Response response = client.response();
    assertThat(response.status()).isEqualTo(408);
    assertThat(response.reset()).isFalse();
    assertThat(response.headers("connection"))
        .isEqualTo(protocol.isHttp2() ? List.of() : List.of("close"));
    assertThat(seen.outcome().end()).isEqualTo(RequestEnd.BAD_REQUEST);
    assertThat(seen.outcome().status()).isEqualTo(408);
    assertThat(seen.retries).isEmpty();
    Await.until("its server is left", () -> master.openConnections() == 0);
  }
}
