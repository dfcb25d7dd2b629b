package dev.understudy.proxy.gateway;

import static org.assertj.core.api.Assertions.assertThat;

import dev.understudy.testing.Await;
import dev.understudy.testing.Extent;
import dev.understudy.testing.RawClient;
import dev.understudy.testing.Response;
import java.util.concurrent.CountDownLatch;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedClass;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.MethodSource;
import org.junit.jupiter.params.provider.ValueSource;

/** What HTTP/1 alone has of 1xx responses, and of final responses that come early. */
@Tag(Extent.FULL)
@ParameterizedClass
@MethodSource("http1")
class Http1InterimResponsesTest extends LaneProtocolTable {
  private static final int LARGE = 8 << 20;

  @Test
  void interim_responses_that_the_client_reads_late_all_arrive() {
    start(two());
    String hints = "HTTP/1.1 103 Early\r\nLink: " + "x".repeat(60_000) + "\r\n\r\n";
    CountDownLatch sending = new CountDownLatch(40);
    master.script(
        call -> {
          for (int i = 0; i < 99; i++) {
            call.write(hints);
            sending.countDown();
          }
          call.reply(200, "late");
        });
    RawClient client = raw().request("GET", "/");
    Await.until("much of it was sent", () -> sending.getCount() == 0);
    for (int i = 0; i < 99; i++) {
      assertThat(client.response().status()).isEqualTo(103);
    }
    assertThat(client.response().body()).isEqualTo("late");
  }

  /** The client has not sent its body, and was not told to. */
  @ParameterizedTest
  @ValueSource(strings = {"HTTP/1.1 103 Early\r\nLink: </x>\r\n\r\n", ""})
  void a_final_response_without_100_continue_closes_the_connection(String before) {
    start(two());
    master.script(
        call -> {
          call.write(before);
          call.write("HTTP/1.1 403 No\r\nContent-Length: 2\r\n\r\nno");
        });
    RawClient client = raw().begin("POST", "/", 1, "Expect: 100-continue");
    if (!before.isEmpty()) {
      assertThat(client.response().status()).isEqualTo(103);
    }
    Response response = client.response();
    assertThat(response.status()).isEqualTo(403);
    assertThat(response.body()).isEqualTo("no");
    assertThat(response.header("connection")).isEqualToIgnoringCase("close");
    assertThat(client.isEnded()).isTrue();
  }

  @Test
  void an_http_1_0_client_gets_no_interim_response() {
    start(two());
    master.script(
        call -> {
          call.write("HTTP/1.1 103 Early\r\nLink: </x>\r\n\r\n");
          call.reply(200, "late");
        });
    assertThat(raw().send("GET / HTTP/1.0\r\nHost: h\r\n\r\n").response().status()).isEqualTo(200);
  }

  /** RFC 9110 §10.1.1. */
  @Test
  void the_expectation_of_an_http_1_0_client_is_ignored() {
    start(two());
    master.script(call -> call.reply(200, call.text()));
    RawClient client =
        raw()
            .send(
                "POST / HTTP/1.0\r\nHost: h\r\nConnection: keep-alive\r\n"
                    + "Expect: 100-continue\r\nContent-Length: 3\r\n\r\nabc");
    Response response = client.response();
    assertThat(response.status()).isEqualTo(200);
    assertThat(response.body()).isEqualTo("abc");
    assertThat(master.calls().get(0).headers("expect")).isEmpty();
  }

  @ParameterizedTest
  @CsvSource({
    "/guarded, 403, X: y",
    "/guarded, 403, Connection: close",
    "/upload, 413, X: y",
    "/upload, 413, Connection: close"
  })
  void a_response_before_the_end_of_a_large_upload_reaches_the_client(
      String target, int status, String field) {
    start(two());
    master.script(
        call -> {
          call.write("HTTP/1.1 413 Too Large\r\nContent-Length: 5\r\n\r\nearly");
          go.await();
        });
    for (int i = 0; i < Extent.rounds(3); i++) {
      RawClient client = raw().begin("POST", target, LARGE, field);
      for (int sent = 0; sent < LARGE; sent += 1 << 18) {
        client.write(new byte[1 << 18]);
      }
      Response response = client.response();
      assertThat(response.status()).isEqualTo(status);
      assertThat(response.reset()).isFalse();
      if (field.startsWith("X")) {
        assertThat(client.begin("POST", "/guarded", 0).response().status()).isEqualTo(403);
      } else {
        assertThat(client.isEnded()).isTrue();
      }
    }
  }

  @ParameterizedTest
  @CsvSource({
    "400, GET / HTTP/1.1",
    "414, GET /LONG HTTP/1.1",
    "431, 'GET / HTTP/1.1\r\nHost: h\r\nX: LONG'",
    "400, 'POST / HTTP/1.1\r\nHost: h\r\nTransfer-Encoding: chunked\r\n\r\nzz'"
  })
  void an_error_response_reaches_a_client_that_continues_to_send(int status, String begin) {
    start(two());
    RawClient client = raw().send(begin.replace("LONG", "x".repeat(100_000)) + "\r\n\r\n");
    for (int sent = 0; sent < LARGE; sent += 1 << 18) {
      client.write(new byte[1 << 18]);
    }
    Response response = client.response();
    assertThat(response.status()).isEqualTo(status);
    assertThat(response.reset()).isFalse();
    assertThat(response.header("x-request-id")).isNotEmpty();
    assertThat(response.body()).contains("\"status\":" + status);
    assertThat(client.isEnded()).isTrue();
  }
}
