package dev.understudy.proxy.gateway;

import static org.assertj.core.api.Assertions.assertThat;

import dev.understudy.testing.Await;
import dev.understudy.testing.RawClient;
import dev.understudy.testing.Response;
import dev.understudy.testing.ScriptedServer;
import dev.understudy.testing.TestClient;
import dev.understudy.testing.TestPools;
import dev.understudy.testing.TestServer;
import dev.understudy.traffic.RequestEnd;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.concurrent.CountDownLatch;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedClass;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.MethodSource;
import org.junit.jupiter.params.provider.ValueSource;

/**
 * What HTTP/1.1 alone has of forwarding: hop-by-hop fields, close-delimited responses, absolute
 * targets, HTTP/1.0.
 */
@ParameterizedClass
@MethodSource("http1")
class Http1ForwardingTest extends LaneProtocolTable {
  @Test
  void hop_by_hop_fields_are_removed_in_both_directions() {
    start(two());
    master.script(
        call ->
            call.write(
                "HTTP/1.1 200 OK\r\nContent-Length: 0\r\nConnection: keep-alive, x-hop\r\n"
                    + "X-Hop: 1\r\nKeep-Alive: timeout=5\r\nX-Stay: 2\r\n\r\n"));
    Response response =
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
    assertThat(response.header("x-stay")).isEqualTo("2");
    assertThat(response.headers("x-hop")).isEmpty();
    assertThat(response.headers("keep-alive")).isEmpty();
  }

  @Test
  void a_close_delimited_response_is_chunked_for_http_1_1_and_close_delimited_for_http_1_0() {
    start(two());
    master.script(
        call -> {
          call.write("HTTP/1.0 200 OK\r\n\r\nall of it");
          call.close();
        });
    Response modern = raw().get("/");
    assertThat(modern.header("transfer-encoding")).isEqualTo("chunked");
    assertThat(modern.body()).isEqualTo("all of it");
    Response old = raw().send("GET / HTTP/1.0\r\nHost: h\r\n\r\n").response();
    assertThat(old.head()).startsWith("HTTP/1.1 ");
    assertThat(old.header("connection")).isEqualTo("close");
    assertThat(old.header("transfer-encoding")).isNull();
    assertThat(old.body()).isEqualTo("all of it");
    assertThat(old.reset()).isFalse();
  }

  @Test
  void a_reset_within_a_close_delimited_response_does_not_look_like_its_end() {
    start(two());
    master.script(
        call -> {
          call.write("HTTP/1.1 200 OK\r\n\r\nhalf");
          go.await();
          call.reset();
        });
    RawClient client = raw().send("GET / HTTP/1.0\r\nHost: h\r\n\r\n");
    client.awaitBody(4);
    go.countDown();
    assertThat(client.response().reset()).isTrue();
    assertThat(seen.outcome().end()).isEqualTo(RequestEnd.RESPONSE_BROKEN);
  }

  @Test
  void a_reset_while_a_request_is_sent_does_not_look_like_the_end_of_its_response() {
    start(two());
    master.script(
        call -> {
          Await.until("the request waits here", () -> call.in().available() > 30_000);
          call.write("HTTP/1.1 200 OK\r\n\r\nhalf");
          call.reset();
        });
    RawClient client = raw();
    Thread.startVirtualThread(
        () -> {
          try {
            client.request("POST", "/", bytes(16_000_000));
          } catch (RuntimeException e) {
            return; // The test is over.
          }
        });
    assertThat(seen.outcome().end()).isIn(RequestEnd.RESPONSE_BROKEN, RequestEnd.SERVER_FAILED);
  }

  @Test
  void a_close_delimited_response_that_breaks_off_is_delivered_as_far_as_it_came_and_then_reset() {
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
    Response response = client.response();
    assertThat(response.reset()).isTrue();
    assertThat(seen.outcome().bytesOut()).isEqualTo(200_000);
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
    assertThat(client().request(method, target, "Host: h").response().status()).isEqualTo(200);
    TestServer.Call call = master.calls().get(0);
    assertThat(call.line()).isEqualTo(method + " " + origin + " HTTP/1.1");
    assertThat(call.headers("host")).containsExactly("Other.test:81");
  }

  @Test
  void an_unusual_but_unambiguous_request_is_forwarded() {
    start(two());
    assertThat(client().request("OPTIONS", "*").response().status()).isEqualTo(200);
    assertThat(client().request("get", "/").response().status()).isEqualTo(200);
    assertThat(raw().send("\r\nGET / HTTP/1.0\r\n\r\n").response().status()).isEqualTo(200);
    assertThat(master.calls().stream().map(TestServer.Call::line))
        .containsExactly("OPTIONS * HTTP/1.1", "get / HTTP/1.1", "GET / HTTP/1.1");
  }

  @ParameterizedTest
  @ValueSource(strings = {"041", "0000000000000000000000041", "41 "})
  void a_content_length_is_forwarded_in_canonical_form(String length) {
    start(two());
    master.script(
        call -> {
          call.body();
          call.write("HTTP/1.1 200 X\r\nContent-Length: " + length + "\r\n\r\n" + call.text());
        });
    RawClient client =
        raw().send("POST / HTTP/1.1\r\nHost: h\r\nContent-Length: " + length + "\r\n\r\n");
    Response response = client.write(bytes(41)).response();
    assertThat(master.calls().get(0).headers("content-length")).containsExactly("41");
    assertThat(response.headers("content-length")).containsExactly("41");
    assertThat(response.body()).hasSize(41);
    assertThat(client.begin("POST", "/guarded", 0).response().status()).isEqualTo(403);
  }

  @Test
  void a_server_that_responds_without_reading_the_body_delays_no_other_client() {
    ScriptedServer server =
        new ScriptedServer(
            connection -> {
              connection.readHead();
              connection.send("HTTP/1.1 200 X\r\nContent-Length: 2\r\n\r\nok");
              go.await();
            });
    closeLater(server);
    start(TestPools.pool().master("a", server.port()));
    for (int size : new int[] {3, 3, 3, 3, 3, 3, 3, 3, 10_000, 10_000, 10_000, 10_000}) {
      assertThat(client().request("POST", "/", bytes(size)).response().body()).isEqualTo("ok");
    }
  }

  @Test
  void a_connection_whose_response_began_before_its_request_had_ended_is_not_used_again() {
    start(two());
    master.script(
        call -> {
          call.write("HTTP/1.1 200 X\r\nContent-Length: 2\r\n\r\no");
          call.body();
          call.write("k");
        });
    RawClient client = raw();
    client.begin("POST", "/", 6).body("abc").awaitBody(1);
    assertThat(client.body("def").response().body()).isEqualTo("ok");
    master.script(call -> call.reply(200, "next"));
    assertThat(client.request("POST", "/", bytes(3)).response().body()).isEqualTo("next");
    assertThat(master.calls()).extracting(TestServer.Call::connection).containsExactly(1, 2);
  }

  @Test
  void a_connection_whose_server_sent_100_first_is_used_again() {
    start(two());
    master.script(
        call -> {
          call.write("HTTP/1.1 100 Continue\r\n\r\n");
          call.reply(200, call.text());
        });
    TestClient client = client();
    for (int i = 0; i < 3; i++) {
      client.request("POST", "/", bytes(3));
      assertThat(client.response().status()).isEqualTo(100);
      assertThat(client.response().body()).isEqualTo("abc");
    }
    assertThat(master.connections()).isEqualTo(1);
  }

  @Test
  void a_response_with_malformed_chunks_never_looks_complete() {
    start(two());
    for (String chunks :
        List.of(
            "5;\r\nhello\r\n0\r\n\r\n",
            "5;a b\r\nhello\r\n0\r\n\r\n",
            "5;=b\r\nhello\r\n0\r\n\r\n",
            "5;a=b\"c\"\r\nhello\r\n0\r\n\r\n",
            "5\r\nhello\r\n0;a b\r\n\r\n",
            "5\r\nhello\r\n0\r\nX y\r\n\r\n",
            "5\r\nhello\r\n0\r\nXY\r\n\r\n",
            "5\r\nhello\r\n0\r\nX : y\r\n\r\n")) {
      master.script(
          call -> call.write("HTTP/1.1 200 X\r\nTransfer-Encoding: chunked\r\n\r\n" + chunks));
      Response response = raw().get("/");
      assertThat(response.reset() || response.status() == 502).as(chunks).isTrue();
    }
  }

  @Test
  void blanks_at_the_end_of_a_servers_chunk_sizes_are_accepted() {
    start(two());
    master.script(
        call ->
            call.write(
                "HTTP/1.1 200 X\r\nTransfer-Encoding: chunked\r\n\r\n"
                    + "5 \r\nhello\r\n6  \t\r\n world\r\n0 \r\n\r\n"));
    Response response = raw().get("/");
    assertThat(response.reset()).isFalse();
    assertThat(response.body()).isEqualTo("hello world");
  }

  @Test
  void well_formed_chunk_extensions_and_trailers_are_accepted() {
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
    assertThat(client.response().body()).isEqualTo("hello");
  }

  @ParameterizedTest
  @ValueSource(strings = {"1.2", "1.9"})
  void a_later_minor_version_is_treated_as_http_1_1(String version) {
    start(two());
    master.script(call -> call.reply(200, call.line() + " " + call.text()));
    RawClient client =
        raw()
            .send(
                "POST /v HTTP/%s\r\nHost: h\r\nTransfer-Encoding: chunked\r\n\r\n"
                    .formatted(version));
    client.send("5\r\nhello\r\n0\r\n\r\n");
    Response response = client.response();
    assertThat(response.head()).startsWith("HTTP/1.1 200");
    assertThat(response.body()).isEqualTo("POST /v HTTP/1.1 hello");
    assertThat(client.get("/").status()).isEqualTo(200);
  }

  @ParameterizedTest
  @CsvSource({"/a, a:", "http://a:/a, a:", "/a, [::1]:"})
  void an_empty_port_is_forwarded_as_it_came(String target, String host) {
    start(two());
    Response response = raw().get(target, "Host: " + host);
    assertThat(response.status()).isEqualTo(200);
    assertThat(master.calls().get(0).headers("host")).containsExactly(host);
    assertThat(seen.outcome().host()).isEqualTo(host);
  }
}
