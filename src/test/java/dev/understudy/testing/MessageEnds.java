package dev.understudy.testing;

import static org.assertj.core.api.Assertions.assertThat;

import dev.understudy.traffic.EndReason;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.concurrent.CountDownLatch;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/**
 * How requests and connections of HTTP/1 end beyond broken framing: responses that come before the
 * end of a request reach the client, and one that ends its output alone is answered.
 */
public abstract class MessageEnds extends BrokenFraming {
  private static final int LARGE = 8 << 20;

  private RawClient raw() {
    return (RawClient) client();
  }

  // ------------------------------------------------------------ early responses

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
    CountDownLatch over = new CountDownLatch(1);
    master.script(
        call -> {
          call.write("HTTP/1.1 413 Too Large\r\nContent-Length: 5\r\n\r\nearly");
          over.await();
        });
    try {
      for (int i = 0; i < 3; i++) {
        RawClient client = raw().begin("POST", target, LARGE, field);
        for (int sent = 0; sent < LARGE; sent += 1 << 18) {
          client.write(new byte[1 << 18]);
        }
        Answer answer = client.answer();
        assertThat(answer.status()).isEqualTo(status);
        assertThat(answer.reset()).isFalse();
        if (field.startsWith("X")) {
          assertThat(client.begin("POST", "/guarded", 0).answer().status()).isEqualTo(403);
        } else {
          assertThat(client.isEnded()).isTrue();
        }
      }
    } finally {
      over.countDown();
    }
  }

  @ParameterizedTest
  @CsvSource({
    "400, GET / HTTP/1.1",
    "414, GET /LONG HTTP/1.1",
    "431, 'GET / HTTP/1.1\r\nHost: h\r\nX: LONG'",
    "400, 'POST / HTTP/1.1\r\nHost: h\r\nTransfer-Encoding: chunked\r\n\r\nzz'"
  })
  void a_refusal_reaches_a_client_that_goes_on_sending(int status, String begin) {
    start(two());
    RawClient client = raw().send(begin.replace("LONG", "x".repeat(100_000)) + "\r\n\r\n");
    for (int sent = 0; sent < LARGE; sent += 1 << 18) {
      client.write(new byte[1 << 18]);
    }
    Answer answer = client.answer();
    assertThat(answer.status()).isEqualTo(status);
    assertThat(answer.reset()).isFalse();
    assertThat(answer.header("x-request-id")).isNotEmpty();
    assertThat(answer.body()).contains("\"status\":" + status);
    assertThat(client.isEnded()).isTrue();
  }

  // ------------------------------------------------------------ half-close

  @ParameterizedTest
  @ValueSource(strings = {"HTTP/1.1\r\nHost: h", "HTTP/1.0"})
  void a_client_that_ends_its_output_after_a_request_is_answered(String rest) {
    start(two());
    CountDownLatch ended = new CountDownLatch(1);
    master.script(
        call -> {
          ended.await();
          call.reply(200, "late");
        });
    RawClient client = raw().send("GET / " + rest + "\r\n\r\n").endOutput();
    Await.until("it is at the server", () -> master.calls().size() == 1);
    client().begin("POST", "/guarded", 0).answer();
    ended.countDown();
    Answer answer = client.answer();
    assertThat(answer.body()).isEqualTo("late");
    assertThat(answer.header("connection")).isEqualToIgnoringCase("close");
    assertThat(client.isEnded()).isTrue();
    assertThat(seen.outcome().end()).isIn(EndReason.ANSWERED, EndReason.LOCAL);
  }

  @Test
  void a_body_may_come_before_the_end_of_output() {
    start(two());
    master.script(call -> call.reply(200, "got " + call.body().length));
    RawClient client = raw().request("POST", "/", bytes(500_000)).endOutput();
    assertThat(client.answer().body()).isEqualTo("got 500000");
    assertThat(client.isEnded()).isTrue();
  }

  @Test
  void a_large_response_after_the_end_of_output_arrives_whole() {
    start(two());
    int length = 64 << 20;
    master.script(
        call -> {
          call.write("HTTP/1.1 200 OK\r\nContent-Length: " + length + "\r\n\r\n");
          for (int sent = 0; sent < length; sent += 1 << 16) {
            call.socket().getOutputStream().write(new byte[1 << 16]);
          }
        });
    RawClient client = raw().request("GET", "/").endOutput();
    client().begin("POST", "/guarded", 0).answer();
    client.skip(length);
    assertThat(client.isEnded()).isTrue();
  }

  @Test
  void pipelined_requests_before_the_end_of_output_are_all_answered() {
    start(two());
    master.script(call -> call.reply(200, call.line()));
    RawClient client =
        raw().request("GET", "/1").request("POST", "/2", bytes(10)).request("GET", "/3");
    client.endOutput();
    for (String each : List.of("/1", "/2", "/3")) {
      assertThat(client.answer().body()).contains(each);
    }
    assertThat(client.isEnded()).isTrue();
  }

  @Test
  void a_held_request_of_a_client_that_ended_its_output_is_served_when_somebody_can() {
    start(two());
    pools.serve(null);
    RawClient client = raw().request("GET", "/").endOutput();
    Await.until("it is held", () -> seen.held.get() == 1);
    client().begin("POST", "/guarded", 0).answer();
    pools.serve("b");
    assertThat(client.answer().body()).isEqualTo("backup");
    assertThat(client.isEnded()).isTrue();
  }

  @Test
  void an_idle_connection_ends_with_the_output_of_its_client() {
    start(two());
    RawClient client = raw();
    assertThat(client.get("/").status()).isEqualTo(200);
    assertThat(client.endOutput().isEnded()).isTrue();
  }

  @ParameterizedTest
  @ValueSource(strings = {"Content-Length: 10", "Transfer-Encoding: chunked"})
  void a_request_that_ends_in_its_middle_is_cancelled(String length) {
    start(two());
    CountDownLatch over = new CountDownLatch(1);
    master.script(call -> over.await());
    RawClient client = raw().send("POST / HTTP/1.1\r\nHost: h\r\n" + length + "\r\n\r\n2\r\nab");
    Await.until("it is at the server", () -> master.calls().size() == 1);
    assertThat(client.endOutput().isEnded()).isTrue();
    assertThat(seen.outcome().end()).isEqualTo(EndReason.CLIENT_GONE);
    over.countDown();
  }

  @Test
  void a_reset_after_the_end_of_output_cancels_although_nobody_writes() {
    start(two());
    CountDownLatch over = new CountDownLatch(1);
    master.script(call -> over.await());
    RawClient client = raw().request("GET", "/").endOutput();
    Await.until("it is at the server", () -> master.calls().size() == 1);
    client().begin("POST", "/guarded", 0).answer();
    client.abort();
    Await.until(
        "it is cancelled",
        () -> seen.outcomes.stream().anyMatch(each -> each.end() == EndReason.CLIENT_GONE));
    over.countDown();
  }

  @Test
  void a_stream_to_a_client_that_closed_its_socket_is_cancelled_by_a_write() {
    start(two());
    CountDownLatch closed = new CountDownLatch(1);
    master.script(
        call -> {
          call.write("HTTP/1.1 200 OK\r\n\r\nbegin");
          closed.await();
          while (true) {
            call.write("more");
            Thread.onSpinWait();
          }
        });
    RawClient client = raw().request("GET", "/");
    Await.until("it is at the server", () -> master.calls().size() == 1);
    client.close();
    closed.countDown();
    assertThat(seen.outcome().end()).isEqualTo(EndReason.CLIENT_GONE);
    Await.until("the server is left", () -> master.openConnections() == 0);
  }

  @Test
  void a_handshake_of_a_client_that_ended_its_output_is_not_relayed() {
    start(two());
    CountDownLatch ended = new CountDownLatch(1);
    master.script(
        call -> {
          ended.await();
          call.write("HTTP/1.1 101 X\r\nConnection: Upgrade\r\nUpgrade: websocket\r\n\r\n");
          while (call.in().read() >= 0) {
            // Until the proxy ends it.
          }
        });
    RawClient client =
        raw()
            .request(
                "GET",
                "/ws",
                "Connection: Upgrade",
                "Upgrade: websocket",
                "Sec-WebSocket-Version: 13",
                "Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==");
    Await.until("it is at the server", () -> master.calls().size() == 1);
    client.endOutput();
    client().begin("POST", "/guarded", 0).answer();
    ended.countDown();
    Await.until("the server is left", () -> master.openConnections() == 0);
    drain(client);
  }

  private static void drain(RawClient client) {
    try {
      client.in().readAllBytes();
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  // ------------------------------------------------------------ lengths, versions, hosts

  @ParameterizedTest
  @ValueSource(strings = {"041", "0000000000000000000000041", "41 "})
  void a_length_is_forwarded_as_our_own_number(String length) {
    start(two());
    master.script(
        call -> {
          call.body();
          call.write("HTTP/1.1 200 X\r\nContent-Length: " + length + "\r\n\r\n" + call.text());
        });
    RawClient client =
        raw().send("POST / HTTP/1.1\r\nHost: h\r\nContent-Length: " + length + "\r\n\r\n");
    Answer answer = client.write(bytes(41)).answer();
    assertThat(master.calls().get(0).headers("content-length")).containsExactly("41");
    assertThat(answer.headers("content-length")).containsExactly("41");
    assertThat(answer.body()).hasSize(41);
    assertThat(client.begin("POST", "/guarded", 0).answer().status()).isEqualTo(403);
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "5;\r\nhello\r\n0\r\n\r\n",
        "5;a b\r\nhello\r\n0\r\n\r\n",
        "5;=b\r\nhello\r\n0\r\n\r\n",
        "5;a=b\"c\"\r\nhello\r\n0\r\n\r\n",
        "5\r\nhello\r\n0;a b\r\n\r\n",
        "5\r\nhello\r\n0\r\nX y\r\n\r\n",
        "5\r\nhello\r\n0\r\nXY\r\n\r\n",
        "5\r\nhello\r\n0\r\nX : y\r\n\r\n"
      })
  void a_response_whose_chunks_are_malformed_never_looks_whole(String chunks) {
    start(two());
    master.script(
        call -> call.write("HTTP/1.1 200 X\r\nTransfer-Encoding: chunked\r\n\r\n" + chunks));
    Answer answer = raw().get("/");
    assertThat(answer.reset() || answer.status() == 502).as("%s", answer).isTrue();
  }

  @Test
  void chunk_extensions_and_trailers_that_are_in_order_pass() {
    start(two());
    master.script(
        call ->
            call.write(
                "HTTP/1.1 200 X\r\nTransfer-Encoding: chunked\r\n\r\n"
                    + "5;a;b=\"x;\\\"y\" ; c=d\r\nhello\r\n0;z\r\nX: y\r\nZ:\r\n\r\n"));
    assertThat(raw().get("/").body()).startsWith("hello");
    master.script(call -> call.reply(200, call.text()));
    RawClient client =
        raw().send("POST / HTTP/1.1\r\nHost: h\r\nTransfer-Encoding: chunked\r\n\r\n");
    client.send("5;a;b=\"x;\\\"y\" ; c=d\r\nhello\r\n0;z\r\nX: y\r\nZ:\r\n\r\n");
    assertThat(client.answer().body()).isEqualTo("hello");
  }

  @ParameterizedTest
  @ValueSource(strings = {"1.2", "1.9"})
  void a_later_minor_version_is_spoken_as_1_1(String version) {
    start(two());
    master.script(call -> call.reply(200, call.line() + " " + call.text()));
    RawClient client =
        raw()
            .send(
                "POST /v HTTP/%s\r\nHost: h\r\nTransfer-Encoding: chunked\r\n\r\n"
                    .formatted(version));
    client.send("5\r\nhello\r\n0\r\n\r\n");
    Answer answer = client.answer();
    assertThat(answer.head()).startsWith("HTTP/1.1 200");
    assertThat(answer.body()).isEqualTo("POST /v HTTP/1.1 hello");
    assertThat(client.get("/").status()).isEqualTo(200);
  }

  @ParameterizedTest
  @CsvSource({"/a, a:", "http://a:/a, a:", "/a, [::1]:"})
  void an_empty_port_is_forwarded_as_it_came(String target, String host) {
    start(two());
    Answer answer = raw().get(target, "Host: " + host);
    assertThat(answer.status()).isEqualTo(200);
    assertThat(master.calls().get(0).headers("host")).containsExactly(host);
    assertThat(seen.outcome().host()).isEqualTo(host);
  }

  // ------------------------------------------------------------ old WebSocket

  @Test
  void what_follows_a_handshake_of_an_old_draft_is_the_next_request() {
    start(two());
    master.script(call -> call.reply(200, call.line()));
    RawClient client =
        raw()
            .write(
                ("GET /old HTTP/1.1\r\nHost: h\r\nSec-WebSocket-Key1: 1\r\n"
                        + "Sec-WebSocket-Key2: 2\r\n\r\nGET /account HTTP/1.1\r\nHost: h\r\n\r\n")
                    .getBytes(StandardCharsets.US_ASCII));
    assertThat(client.answer().body()).contains("/old");
    assertThat(client.answer().body()).contains("/account");
  }
}
