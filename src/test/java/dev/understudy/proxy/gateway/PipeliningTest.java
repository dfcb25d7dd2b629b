package dev.understudy.proxy.gateway;

import static org.assertj.core.api.Assertions.assertThat;

import dev.understudy.testing.Await;
import dev.understudy.testing.Extent;
import dev.understudy.testing.RawClient;
import dev.understudy.testing.Response;
import java.nio.charset.StandardCharsets;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedClass;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;
import org.junit.jupiter.params.provider.ValueSource;

/** Requests that a client sends before the response to an earlier one. */
@Tag(Extent.FULL)
@ParameterizedClass
@MethodSource("http1")
class PipeliningTest extends LaneProtocolTable {
  @ParameterizedTest
  @ValueSource(strings = {"/", "/guarded", "/ws"})
  void any_number_of_pipelined_requests_get_their_responses_in_order(String path) {
    start(two());
    master.script(call -> call.reply(200, call.line()));
    int most = Extent.rounds(path.equals("/") ? 4000 : 1000);
    StringBuilder requests = new StringBuilder();
    for (int i = 0; i < most; i++) {
      requests.append("GET " + path + "?" + i + " HTTP/1.1\r\nHost: h\r\n\r\n");
      requests.append("POST /?body" + i + " HTTP/1.1\r\nHost: h\r\nContent-Length: 3\r\n\r\nabc");
    }
    RawClient client = raw().send(requests.toString()).endOutput();
    for (int i = 0; i < most; i++) {
      Response first = client.response();
      if (path.equals("/guarded")) {
        assertThat(first.status()).isEqualTo(403);
      } else {
        assertThat(first.body()).isEqualTo("GET " + path + "?" + i + " HTTP/1.1");
      }
      assertThat(client.response().body()).isEqualTo("POST /?body" + i + " HTTP/1.1");
    }
    assertThat(client.isEnded()).isTrue();
  }

  @Test
  void a_malformed_request_behind_many_others_is_refused_in_its_turn() {
    start(two());
    String good = "GET / HTTP/1.1\r\nHost: h\r\n\r\n";
    RawClient client = raw().send(good.repeat(200) + "JUNK\r\n\r\n" + good);
    for (int i = 0; i < 200; i++) {
      assertThat(client.response().status()).isEqualTo(200);
    }
    assertThat(client.response().status()).isEqualTo(400);
    assertThat(client.isEnded()).isTrue();
    assertThat(master.calls()).hasSize(200);
  }

  @Test
  void the_remaining_body_of_a_pipelined_request_is_read_in_its_turn() {
    start(two());
    master.script(call -> call.reply(200, call.line() + " " + call.text()));
    RawClient client =
        raw()
            .send(
                "GET /1 HTTP/1.1\r\nHost: h\r\n\r\n"
                    + "POST /2 HTTP/1.1\r\nHost: h\r\nContent-Length: 6\r\n\r\nabc");
    assertThat(client.response().body()).contains("/1");
    Await.until("the second is at the server", () -> master.calls().size() == 2);
    client.send("def");
    assertThat(client.response().body()).contains("/2").contains("abcdef");
  }

  @Test
  void malformed_bytes_after_a_complete_request_are_refused_separately() {
    start(two());
    RawClient client =
        raw().send("POST / HTTP/1.1\r\nHost: h\r\nContent-Length: 3\r\n\r\nabcJUNK\r\n\r\n");
    assertThat(client.response().status()).isEqualTo(200);
    assertThat(client.response().status()).isEqualTo(400);
    assertThat(client.isEnded()).isTrue();
    assertThat(master.calls()).hasSize(1);
  }

  @Test
  void bytes_after_a_handshake_of_an_old_websocket_draft_are_the_next_request() {
    start(two());
    master.script(call -> call.reply(200, call.line()));
    RawClient client =
        raw()
            .write(
                ("GET /old HTTP/1.1\r\nHost: h\r\nSec-WebSocket-Key1: 1\r\n"
                        + "Sec-WebSocket-Key2: 2\r\n\r\nGET /account HTTP/1.1\r\nHost: h\r\n\r\n")
                    .getBytes(StandardCharsets.US_ASCII));
    assertThat(client.response().body()).contains("/old");
    assertThat(client.response().body()).contains("/account");
  }
}
