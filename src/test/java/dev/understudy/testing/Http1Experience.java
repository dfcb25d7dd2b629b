package dev.understudy.testing;

import static org.assertj.core.api.Assertions.assertThat;

import dev.understudy.traffic.EndReason;
import dev.understudy.traffic.Outcome;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.concurrent.CountDownLatch;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** Beyond the common table, what there is in HTTP/1 alone. */
public abstract class Http1Experience extends RequestExperience {
  private RawClient raw() {
    return (RawClient) client();
  }

  @Test
  void pipelined_requests_are_answered_in_order() {
    start(two());
    master.script(call -> call.reply(200, call.line()));
    RawClient client = raw();
    client.request("GET", "/1").request("GET", "/2").request("GET", "/3");
    assertThat(client.answer().body()).contains("/1");
    assertThat(client.answer().body()).contains("/2");
    assertThat(client.answer().body()).contains("/3");
  }

  @ParameterizedTest
  @ValueSource(strings = {"/", "/guarded", "/ws"})
  void as_many_requests_as_a_client_likes_are_answered_in_order(String path) {
    start(two());
    master.script(call -> call.reply(200, call.line()));
    int most = path.equals("/") ? 1000 : 400;
    StringBuilder requests = new StringBuilder();
    for (int i = 0; i < most; i++) {
      requests.append("GET " + path + "?" + i + " HTTP/1.1\r\nHost: h\r\n\r\n");
      requests.append("POST /?body" + i + " HTTP/1.1\r\nHost: h\r\nContent-Length: 3\r\n\r\nabc");
    }
    RawClient client = raw().send(requests.toString()).endOutput();
    for (int i = 0; i < most; i++) {
      Answer first = client.answer();
      if (path.equals("/guarded")) {
        assertThat(first.status()).isEqualTo(403);
      } else {
        assertThat(first.body()).isEqualTo("GET " + path + "?" + i + " HTTP/1.1");
      }
      assertThat(client.answer().body()).isEqualTo("POST /?body" + i + " HTTP/1.1");
    }
    assertThat(client.isEnded()).isTrue();
  }

  @Test
  void what_is_no_request_behind_many_is_refused_in_its_turn() {
    start(two());
    String good = "GET / HTTP/1.1\r\nHost: h\r\n\r\n";
    RawClient client = raw().send(good.repeat(200) + "JUNK\r\n\r\n" + good);
    for (int i = 0; i < 200; i++) {
      assertThat(client.answer().status()).isEqualTo(200);
    }
    assertThat(client.answer().status()).isEqualTo(400);
    assertThat(client.isEnded()).isTrue();
    assertThat(master.calls()).hasSize(200);
  }

  @Test
  void a_pipelined_request_that_had_come_in_part_is_read_on_in_its_turn() {
    start(two());
    master.script(call -> call.reply(200, call.line() + " " + call.text()));
    RawClient client =
        raw()
            .send(
                "GET /1 HTTP/1.1\r\nHost: h\r\n\r\n"
                    + "POST /2 HTTP/1.1\r\nHost: h\r\nContent-Length: 6\r\n\r\nabc");
    assertThat(client.answer().body()).contains("/1");
    Await.until("the second is at the server", () -> master.calls().size() == 2);
    client.send("def");
    assertThat(client.answer().body()).contains("/2").contains("abcdef");
  }

  @Test
  void a_reset_within_a_close_delimited_answer_does_not_look_like_its_end() {
    start(two());
    CountDownLatch read = new CountDownLatch(1);
    master.script(
        call -> {
          call.write("HTTP/1.1 200 OK\r\n\r\nhalf");
          read.await();
          call.reset();
        });
    RawClient client = raw().send("GET / HTTP/1.0\r\nHost: h\r\n\r\n");
    client.awaitBody(4);
    read.countDown();
    assertThat(client.answer().reset()).isTrue();
    assertThat(seen.outcome().end()).isEqualTo(EndReason.ANSWER_BROKEN);
  }

  @Test
  void a_close_delimited_answer_that_breaks_off_is_delivered_as_far_as_it_came_and_then_reset() {
    start(two());
    CountDownLatch sent = new CountDownLatch(1);
    master.script(
        call -> {
          call.write("HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n3d090\r\n");
          call.write(new String(bytes(200_000), StandardCharsets.UTF_8));
          call.close();
          sent.countDown();
        });
    RawClient client = raw().send("GET / HTTP/1.0\r\nHost: h\r\n\r\n");
    client.awaitBody(1);
    Await.until("the server has gone", () -> sent.getCount() == 0);
    Answer answer = client.answer();
    assertThat(answer.reset()).isTrue();
    assertThat(seen.outcome().bytesOut()).isEqualTo(200_000);
  }

  @Test
  void hop_by_hop_fields_end_here_in_both_directions() {
    start(two());
    master.script(
        call ->
            call.write(
                "HTTP/1.1 200 OK\r\nContent-Length: 0\r\nConnection: keep-alive, x-hop\r\n"
                    + "X-Hop: 1\r\nKeep-Alive: timeout=5\r\nX-Stay: 2\r\n\r\n"));
    Answer answer =
        raw()
            .get(
                "/",
                "Host: Example.Test:8080",
                "Connection: keep-alive, X-Secret-Hop, Host, X-Request-Id",
                "X-Secret-Hop: 1",
                "Keep-Alive: 1",
                "Proxy-Connection: keep-alive",
                "Upgrade: h2c",
                "TE: gzip",
                "X-Http2-Scheme: https",
                "Understudy-Epoch: 99",
                "Understudy-Other: 1",
                "X-Stay: 3");
    TestServer.Call call = master.calls().get(0);
    assertThat(call.headers("host")).containsExactly("Example.Test:8080");
    assertThat(call.headers("x-stay")).containsExactly("3");
    assertThat(call.headers("understudy-epoch")).containsExactly("1");
    assertThat(call.headers("x-request-id")).hasSize(1);
    for (String gone :
        List.of(
            "connection",
            "x-secret-hop",
            "keep-alive",
            "proxy-connection",
            "upgrade",
            "te",
            "x-http2-scheme",
            "understudy-other")) {
      assertThat(call.headers(gone)).as(gone).isEmpty();
    }
    assertThat(answer.header("x-stay")).isEqualTo("2");
    assertThat(answer.headers("x-hop")).isEmpty();
    assertThat(answer.headers("keep-alive")).isEmpty();
  }

  @Test
  void an_answer_that_ends_with_its_connection_is_chunked_for_1_1_and_whole_for_1_0() {
    start(two());
    master.script(
        call -> {
          call.write("HTTP/1.0 200 OK\r\n\r\nall of it");
          call.close();
        });
    Answer modern = raw().get("/");
    assertThat(modern.header("transfer-encoding")).isEqualTo("chunked");
    assertThat(modern.body()).isEqualTo("all of it");
    Answer old = raw().send("GET / HTTP/1.0\r\nHost: h\r\n\r\n").answer();
    assertThat(old.head()).startsWith("HTTP/1.1 ");
    assertThat(old.header("connection")).isEqualTo("close");
    assertThat(old.header("transfer-encoding")).isNull();
    assertThat(old.body()).isEqualTo("all of it");
    assertThat(old.reset()).isFalse();
  }

  // ------------------------------------------------------------ WebSocket

  private static final String[] HANDSHAKE = {
    "Host: h",
    "Connection: keep-alive, Upgrade",
    "Upgrade: websocket",
    "Sec-WebSocket-Version: 13",
    "Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ=="
  };

  private static final TestServer.Script AGREE =
      call -> {
        call.write(
            "HTTP/1.1 101 Switching Protocols\r\nConnection: Upgrade\r\nUpgrade: websocket\r\n"
                + "Sec-WebSocket-Accept: s3pPLMBiTxaQ9kYGzzhZRbK+xOo=\r\n\r\nhello");
        int b = call.in().read();
        while (b >= 0) {
          call.socket().getOutputStream().write(b);
          b = call.in().read();
        }
        call.close();
      };

  @Test
  void a_websocket_is_tunnelled_with_the_bytes_that_followed_the_handshake() throws Exception {
    start(two());
    master.script(AGREE);
    RawClient client = raw().request("GET", "/ws", HANDSHAKE);
    Answer answer = client.answer();
    assertThat(answer.status()).isEqualTo(101);
    assertThat(answer.header("upgrade")).isEqualTo("websocket");
    assertThat(answer.header("sec-websocket-accept")).isNotNull();
    client.send(" world");
    assertThat(new String(client.in().readNBytes(11), StandardCharsets.UTF_8))
        .isEqualTo("hello world");
    TestServer.Call call = master.calls().get(0);
    assertThat(call.headers("connection")).containsExactly("upgrade");
    assertThat(call.headers("upgrade")).containsExactly("websocket");
    client.abort();
    Outcome outcome = seen.outcome();
    assertThat(outcome.end()).isEqualTo(EndReason.TUNNEL_CLOSED);
    assertThat(outcome.status()).isEqualTo(101);
    assertThat(outcome.bytesIn()).isEqualTo(6);
    assertThat(outcome.bytesOut()).isEqualTo(11);
  }

  /** Bytes that a decoder of HTTP takes for empty lines, and for a request. */
  @ParameterizedTest
  @ValueSource(
      strings = {"\u0001\u0002", "\r\n\r\n", "GET /x HTTP/1.1\r\nHost: h\r\n\r\n", "GET /"})
  void bytes_that_came_before_the_server_agreed_are_the_tunnels(String early) throws Exception {
    start(two());
    CountDownLatch sent = new CountDownLatch(1);
    master.script(
        call -> {
          sent.await();
          AGREE.answer(call);
        });
    String handshake = "GET /ws HTTP/1.1\r\n" + String.join("\r\n", HANDSHAKE) + "\r\n\r\n";
    RawClient client = raw().send(handshake + early);
    Await.until("the handshake is at the server", () -> master.calls().size() == 1);
    client.send(early);
    client().begin("POST", "/guarded", 0).answer();
    sent.countDown();
    assertThat(client.answer().status()).isEqualTo(101);
    client.send("end");
    String all = "hello" + early + early + "end";
    assertThat(new String(client.in().readNBytes(all.length()), StandardCharsets.UTF_8))
        .isEqualTo(all);
    assertThat(master.calls()).hasSize(1);
  }

  @Test
  void bytes_behind_a_handshake_that_waited_for_its_turn_are_the_tunnels() throws Exception {
    start(two());
    CountDownLatch sent = new CountDownLatch(1);
    master.script(
        call -> {
          sent.await();
          if (call.line().contains("/ws")) {
            AGREE.answer(call);
          } else {
            call.reply(200, call.line());
          }
        });
    String handshake = "GET /ws HTTP/1.1\r\n" + String.join("\r\n", HANDSHAKE) + "\r\n\r\n";
    RawClient client = raw().send("GET /1 HTTP/1.1\r\nHost: h\r\n\r\n" + handshake);
    client.send("GET /x HTTP/1.1\r\nHost: h\r\n\r\n");
    Await.until("the first is at the server", () -> master.calls().size() == 1);
    client.send(" more");
    sent.countDown();
    assertThat(client.answer().body()).contains("/1");
    assertThat(client.answer().status()).isEqualTo(101);
    String all = "helloGET /x HTTP/1.1\r\nHost: h\r\n\r\n more";
    assertThat(new String(client.in().readNBytes(all.length()), StandardCharsets.UTF_8))
        .isEqualTo(all);
  }

  @Test
  void what_follows_a_handshake_that_the_server_refuses_is_the_next_request() {
    start(two());
    master.script(call -> call.reply(200, call.line()));
    String handshake = "GET /ws HTTP/1.1\r\n" + String.join("\r\n", HANDSHAKE) + "\r\n\r\n";
    RawClient client = raw();
    for (int i = 0; i < 3; i++) {
      client.send(handshake + "GET /2 HTTP/1.1\r\nHost: h\r\n\r\n" + handshake);
    }
    for (int i = 0; i < 3; i++) {
      assertThat(client.answer().body()).contains("/ws");
      assertThat(client.answer().body()).contains("/2");
      assertThat(client.answer().body()).contains("/ws");
    }
    assertThat(client.get("/3").body()).contains("/3");
  }

  @Test
  void a_websocket_that_the_server_refuses_is_an_ordinary_answer() {
    start(two());
    master.script(call -> call.reply(403, "no"));
    RawClient client = raw().request("GET", "/ws", HANDSHAKE);
    assertThat(client.answer().status()).isEqualTo(403);
    assertThat(client.get("/").status()).isEqualTo(403);
  }

  @Test
  void a_websocket_waits_like_a_get() {
    start(two());
    pools.serve(null);
    backup.script(AGREE);
    RawClient client = raw().request("GET", "/ws", HANDSHAKE);
    Await.until("it is held", () -> seen.held.get() == 1);
    pools.serve("b");
    assertThat(client.answer().status()).isEqualTo(101);
    assertThat(backup.calls()).hasSize(1);
  }

  @Test
  void informational_answers_that_the_client_reads_late_all_arrive() {
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
      assertThat(client.answer().status()).isEqualTo(103);
    }
    assertThat(client.answer().body()).isEqualTo("late");
  }

  @Test
  void a_final_answer_after_hints_alone_leaves_it_open_whether_a_body_follows() {
    start(two());
    master.script(
        call -> {
          call.write("HTTP/1.1 103 Early\r\nLink: </x>\r\n\r\n");
          call.write("HTTP/1.1 403 No\r\nContent-Length: 2\r\n\r\nno");
        });
    RawClient client = raw().begin("POST", "/", 1, "Expect: 100-continue");
    assertThat(client.answer().status()).isEqualTo(103);
    Answer answer = client.answer();
    assertThat(answer.status()).isEqualTo(403);
    assertThat(answer.header("connection")).isEqualToIgnoringCase("close");
  }

  @Test
  void an_old_client_gets_no_informational_answer() {
    start(two());
    master.script(
        call -> {
          call.write("HTTP/1.1 103 Early\r\nLink: </x>\r\n\r\n");
          call.reply(200, "late");
        });
    assertThat(raw().send("GET / HTTP/1.0\r\nHost: h\r\n\r\n").answer().status()).isEqualTo(200);
  }

  @ParameterizedTest
  @CsvSource({
    "GET, http://Other.test:81/a/../%7E?b|, /a/../%7E?b|",
    "GET, HTTP://Other.test:81, /",
    "GET, http://Other.test:81?b, /?b",
    "OPTIONS, http://Other.test:81, *",
    "OPTIONS, http://Other.test:81/, /"
  })
  void an_absolute_target_is_forwarded_in_origin_form_with_its_own_host(
      String method, String target, String origin) {
    start(two());
    assertThat(client().request(method, target, "Host: h").answer().status()).isEqualTo(200);
    TestServer.Call call = master.calls().get(0);
    assertThat(call.line()).isEqualTo(method + " " + origin + " HTTP/1.1");
    assertThat(call.headers("host")).containsExactly("Other.test:81");
  }

  @Test
  void what_is_unusual_but_clear_is_forwarded() {
    start(two());
    assertThat(client().request("OPTIONS", "*").answer().status()).isEqualTo(200);
    assertThat(client().request("get", "/").answer().status()).isEqualTo(200);
    assertThat(raw().send("\r\nGET / HTTP/1.0\r\n\r\n").answer().status()).isEqualTo(200);
    assertThat(master.calls().stream().map(TestServer.Call::line))
        .containsExactly("OPTIONS * HTTP/1.1", "get / HTTP/1.1", "GET / HTTP/1.1");
  }

  @Test
  void junk_after_a_whole_request_is_refused_for_itself() {
    start(two());
    RawClient client =
        raw().send("POST / HTTP/1.1\r\nHost: h\r\nContent-Length: 3\r\n\r\nabcJUNK\r\n\r\n");
    assertThat(client.answer().status()).isEqualTo(200);
    assertThat(client.answer().status()).isEqualTo(400);
    assertThat(client.isEnded()).isTrue();
    assertThat(master.calls()).hasSize(1);
  }
}
