package dev.understudy.proxy.gateway;

import static org.assertj.core.api.Assertions.assertThat;

import dev.understudy.testing.Await;
import dev.understudy.testing.RawClient;
import dev.understudy.testing.Response;
import dev.understudy.testing.TestServer;
import dev.understudy.traffic.RequestEnd;
import dev.understudy.traffic.RequestOutcome;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.concurrent.CountDownLatch;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedClass;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.MethodSource;
import org.junit.jupiter.params.provider.ValueSource;

/** The bytes around a request for a WebSocket, or for another protocol that its route allows. */
@ParameterizedClass
@MethodSource("http1")
class UpgradedConnectionTest extends LaneProtocolTable {
  private static final String NEXT = "GET /next HTTP/1.1\r\nHost: h\r\n\r\n";

  /** A request whose target ends with {@code /asked}, and the server's consent. */
  private enum Asked {
    WEBSOCKET("GET /asked HTTP/1.1\r\n" + String.join("\r\n", HANDSHAKE), "", CONSENT),
    TCP(
        "POST /asked HTTP/1.1\r\nHost: h\r\nConnection: Upgrade\r\nUpgrade: tcp\r\n"
            + "Content-Length: 2",
        "{}",
        "HTTP/1.1 101 UPGRADED\r\nConnection: Upgrade\r\nUpgrade: tcp\r\n\r\n");

    final String request;
    final String consent;

    Asked(String head, String body, String consent) {
      request = head + "\r\n\r\n" + body;
      this.consent = consent;
    }

    /** Agrees, says hello, and repeats what comes until its end. */
    void agree(TestServer.Call call) throws IOException {
      call.body();
      call.write(consent + "hello ");
      echo(call);
    }
  }

  private void assertRelayed(RawClient client, String bytes) throws IOException {
    assertThat(new String(client.in().readNBytes(bytes.length()), StandardCharsets.UTF_8))
        .isEqualTo(bytes);
  }

  @Test
  void a_websocket_is_tunnelled_with_the_bytes_that_followed_the_handshake() throws Exception {
    start(lane, "StrictTransportSecurity=max-age=1");
    master.script(Asked.WEBSOCKET::agree);
    RawClient client =
        raw().send(Asked.WEBSOCKET.request.replace(": Upgrade", ": keep-alive, Upgrade"));
    Response response = client.response();
    assertThat(response.status()).isEqualTo(101);
    assertThat(response.header("upgrade")).isEqualTo("websocket");
    assertThat(response.header("sec-websocket-accept")).isNotNull();
    assertThat(response.headers("strict-transport-security"))
        .isEqualTo(protocol.isSecure() ? List.of("max-age=1") : List.of());
    client.send("world");
    assertRelayed(client, "hello world");
    TestServer.Call call = master.calls().get(0);
    assertThat(call.headers("connection")).containsExactly("upgrade");
    assertThat(call.headers("upgrade")).containsExactly("websocket");
    client.abort();
    RequestOutcome outcome = seen.outcome();
    assertThat(outcome.end()).isEqualTo(RequestEnd.TUNNEL_CLOSED);
    assertThat(outcome.status()).isEqualTo(101);
    assertThat(outcome.bytesIn()).isEqualTo(5);
    assertThat(outcome.bytesOut()).isEqualTo(11);
  }

  /** Bytes that a decoder of HTTP takes for empty lines, and for a request. */
  @ParameterizedTest
  @EnumSource(Asked.class)
  void bytes_that_came_before_the_101_belong_to_the_tunnel(Asked asked) throws Exception {
    start(lane, "AllowUpgrade=tcp");
    List<String> all = List.of("\u0001\u0002", "\r\n\r\n", NEXT, "GET /");
    for (String early : all) {
      CountDownLatch sent = new CountDownLatch(1);
      master.script(
          call -> {
            sent.await();
            asked.agree(call);
          });
      int before = master.calls().size();
      RawClient client = raw().send(asked.request + early);
      Await.until("the request is at the server", () -> master.calls().size() > before);
      client.send(early);
      client().begin("POST", "/guarded", 0).response();
      sent.countDown();
      assertThat(client.response().status()).as(early).isEqualTo(101);
      client.send("end");
      assertRelayed(client, "hello " + early + early + "end");
    }
    assertThat(master.calls()).hasSameSizeAs(all);
  }

  @ParameterizedTest
  @EnumSource(Asked.class)
  void bytes_behind_a_pipelined_request_belong_to_the_tunnel(Asked asked) throws Exception {
    start(lane, "AllowUpgrade=tcp");
    master.script(
        later(
            call -> {
              if (call.line().contains("/asked")) {
                asked.agree(call);
              } else {
                call.reply(200, call.line());
              }
            }));
    RawClient client = raw().send("GET /1 HTTP/1.1\r\nHost: h\r\n\r\n" + asked.request);
    client.send(NEXT);
    Await.until("the first is at the server", () -> master.calls().size() == 1);
    client.send(" more");
    go.countDown();
    assertThat(client.response().body()).contains("/1");
    assertThat(client.response().status()).isEqualTo(101);
    assertRelayed(client, "hello " + NEXT + " more");
  }

  @ParameterizedTest
  @CsvSource({"WEBSOCKET, 200", "WEBSOCKET, 403", "TCP, 200"})
  void bytes_after_a_request_whose_server_does_not_agree_are_the_next_request(
      Asked asked, int status) {
    start(lane, "AllowUpgrade=tcp");
    master.script(call -> call.reply(status, call.line()));
    RawClient client = raw();
    for (int i = 0; i < 3; i++) {
      client.send(asked.request + NEXT + asked.request);
    }
    for (int i = 0; i < 3; i++) {
      for (String target : List.of("/asked", "/next", "/asked")) {
        Response response = client.response();
        assertThat(response.status()).isEqualTo(status);
        assertThat(response.body()).contains(target);
      }
    }
    assertThat(client.get("/3").body()).contains("/3");
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "X-Key: dGhlIHNhbXBsZSBub25jZQ==",
        "Sec-WebSocket-Key: ",
        "Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\nSec-WebSocket-Key: eA=="
      })
  void a_handshake_that_has_not_one_key_is_refused(String key) {
    start(two());
    RawClient client = raw().send(Asked.WEBSOCKET.request.replaceFirst("Sec-WebSocket-Key.*", key));
    assertThat(client.response().status()).isEqualTo(400);
    assertThat(master.calls()).isEmpty();
    assertThat(client.get("/next").status()).isEqualTo(200);
  }

  @ParameterizedTest
  @EnumSource(Asked.class)
  void a_request_is_held_like_a_get(Asked asked) {
    start(lane, "AllowUpgrade=tcp");
    pools.serve(null);
    backup.script(asked::agree);
    RawClient client = raw().send(asked.request);
    Await.until("it is held", () -> seen.held.get() == 1);
    pools.serve("b");
    assertThat(client.response().status()).isEqualTo(101);
    assertThat(backup.calls()).hasSize(1);
  }

  @Test
  void a_handshake_waits_for_the_replicas_while_their_server_is_down_here() {
    start(two());
    pools.silent("a");
    backup.script(Asked.WEBSOCKET::agree);
    RawClient client = raw().send(Asked.WEBSOCKET.request);
    Await.until("it is held", () -> seen.held.get() == 1);
    pools.serve("b");
    assertThat(client.response().status()).isEqualTo(101);
    assertThat(master.calls()).isEmpty();
  }
}
