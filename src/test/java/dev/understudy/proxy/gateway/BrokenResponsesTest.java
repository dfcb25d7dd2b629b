package dev.understudy.proxy.gateway;

import static org.assertj.core.api.Assertions.assertThat;

import dev.understudy.testing.Await;
import dev.understudy.testing.Protocol;
import dev.understudy.testing.Response;
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
class BrokenResponsesTest extends LaneProtocolTable {
  private static final Duration LONG = Duration.ofSeconds(60);

  @Test
  void no_response_in_time_is_504() {
    start(two().passive().timeouts(LONG, Duration.ofMillis(200), LONG));
    master.freeze();
    assertThat(client().get("/").status()).isEqualTo(504);
    assertThat(seen.outcome().end()).isEqualTo(RequestEnd.RESPONSE_TIMED_OUT);
    assertThat(seen.calls).containsExactly(true);
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
  void a_response_that_falls_silent_is_broken_off() {
    start(two().timeouts(LONG, LONG, Duration.ofMillis(200)));
    master.script(
        call -> {
          call.write("HTTP/1.1 200 OK\r\nContent-Length: 100\r\n\r\nhalf");
          go.await();
        });
    assertThat(client().get("/").reset()).isTrue();
    assertThat(seen.outcome().end()).isEqualTo(RequestEnd.RESPONSE_BROKEN);
    go.countDown();
  }

  @Test
  void a_slow_response_is_relayed_as_it_comes() {
    start(two());
    master.script(
        call -> {
          call.write("HTTP/1.1 200 OK\r\nContent-Length: 4\r\n\r\nab");
          go.await();
          call.write("cd");
        });
    TestClient client = client().request("GET", "/");
    client.awaitBody(2);
    go.countDown();
    assertThat(client.response().body()).isEqualTo("abcd");
  }

  @Test
  void a_response_that_is_no_http_is_502_and_not_replayed() {
    start(two());
    master.script(
        call -> {
          call.write("SSH-2.0-x\r\n\r\n");
          call.close();
        });
    assertThat(client().get("/").status()).isEqualTo(502);
    assertThat(master.calls()).hasSize(1);
  }

  @Test
  void a_client_that_disconnects_cancels_its_request_and_the_upstream_connection_is_not_reused() {
    start(two());
    master.script(call -> go.await());
    TestClient client = client().request("GET", "/");
    Await.until("the master has it", () -> master.calls().size() == 1);
    client.abort();
    assertThat(seen.outcome().end()).isEqualTo(RequestEnd.CLIENT_GONE);
    go.countDown();
    Await.until("its connection is closed", () -> master.openConnections() == 0);
  }

  @Test
  void a_client_that_stops_sending_its_body_gets_408() {
    start(two().timeouts(LONG, LONG, Duration.ofSeconds(1)));
    TestClient client = client().begin("POST", "/", 10).body("half");
    Response response = client.response();
    assertThat(response.status()).isEqualTo(408);
    assertThat(response.reset()).isFalse();
    assertThat(response.headers("connection"))
        .isEqualTo(protocol == Protocol.HTTP_2 ? List.of() : List.of("close"));
    assertThat(seen.outcome().end()).isEqualTo(RequestEnd.BAD_REQUEST);
    assertThat(seen.outcome().status()).isEqualTo(408);
    assertThat(seen.retries).isEmpty();
    Await.until("its server is left", () -> master.openConnections() == 0);
  }
}
