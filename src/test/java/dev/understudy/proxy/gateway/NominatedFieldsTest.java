package dev.understudy.proxy.gateway;

import static org.assertj.core.api.Assertions.assertThat;

import dev.understudy.proxy.http.TrustedProxies;
import dev.understudy.testing.RawClient;
import dev.understudy.testing.Response;
import dev.understudy.testing.TestServer;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/**
 * Fields that a sender's {@code Connection} nominates end here (RFC 9110 §7.6.1), and only the
 * sender's own: never what a filter sets, or we do. HTTP/2 has no such field.
 */
class NominatedFieldsTest extends LaneProtocolTable {

  @ParameterizedTest
  @MethodSource("http1")
  void a_client_cannot_nominate_fields_that_a_filter_sets(LaneProtocol lane) {
    start(lane, "SetRequestHeader=X-Tenant, ours", "AddRequestHeader=X-Role, user");
    client()
        .get(
            "/",
            "Connection: keep-alive, X-Tenant ,,x-role,\tX-HOP",
            "Connection: x-second",
            "X-Tenant: theirs",
            "X-Role: admin",
            "X-Hop: 1",
            "X-Second: 2",
            "X-Stay: 3");
    TestServer.Call call = master.calls().get(0);
    assertThat(call.headers("x-tenant")).containsExactly("ours");
    assertThat(call.headers("x-role")).containsExactly("user");
    assertThat(call.headers("x-hop")).isEmpty();
    assertThat(call.headers("x-second")).isEmpty();
    assertThat(call.headers("x-stay")).containsExactly("3");
    assertThat(call.headers("connection")).isEmpty();
  }

  @ParameterizedTest
  @MethodSource("http1")
  void our_own_fields_and_framing_fields_cannot_be_nominated(LaneProtocol lane) {
    start(lane);
    Response response =
        client()
            .request(
                "POST",
                "/",
                bytes(3),
                "Host: h",
                "X-Request-Id: kept",
                "Connection: host, content-length, transfer-encoding, connection, close"
                    + ", x-forwarded-for, x-forwarded-proto, forwarded, x-request-id"
                    + ", understudy-epoch")
            .response();
    assertThat(response.status()).isEqualTo(200);
    assertThat(response.header("x-request-id")).isEqualTo("kept");
    assertThat(response.header("connection")).isEqualTo("close");
    TestServer.Call call = master.calls().get(0);
    assertThat(call.headers("host")).containsExactly("h");
    assertThat(call.headers("content-length")).containsExactly("3");
    assertThat(call.headers("x-forwarded-for")).containsExactly("127.0.0.1");
    assertThat(call.headers("x-forwarded-proto")).containsExactly(scheme());
    assertThat(call.headers("forwarded")).hasSize(1);
    assertThat(call.headers("x-request-id")).containsExactly("kept");
    assertThat(call.headers("understudy-epoch")).hasSize(1);
  }

  /** Our own proxy would have made it of what its client sent. */
  @ParameterizedTest
  @MethodSource("http1")
  void forwarding_fields_of_a_trusted_proxy_cannot_be_nominated(LaneProtocol lane) {
    start(lane, two(), TrustedProxies.of(List.of("127.0.0.0/8")));
    client()
        .get(
            "/",
            "Connection: x-forwarded-for, x-forwarded-prefix, x-real-ip, forwarded",
            "X-Forwarded-For: 192.0.2.1",
            "X-Forwarded-Prefix: /app",
            "X-Real-IP: 192.0.2.1",
            "Forwarded: for=192.0.2.1");
    TestServer.Call call = master.calls().get(0);
    assertThat(call.header("x-forwarded-for")).startsWith("192.0.2.1, ");
    assertThat(call.headers("x-forwarded-prefix")).containsExactly("/app");
    assertThat(call.headers("x-real-ip")).containsExactly("192.0.2.1");
    assertThat(call.header("forwarded")).startsWith("for=192.0.2.1, ");
  }

  @ParameterizedTest
  @MethodSource("http1")
  void nominated_trailers_end_here_in_both_directions(LaneProtocol lane) {
    start(lane);
    List<String> trailers = new CopyOnWriteArrayList<>();
    master.script(
        call -> {
          chunks(call);
          trailers.addAll(trailers(call));
          call.write(
              "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\nConnection: x-hop\r\n\r\n"
                  + "3\r\nabc\r\n0\r\nx-hop: 1\r\nx-stay: 2\r\n\r\n");
          call.close();
        });
    Response response =
        client()
            .begin("POST", "/", -1, "Connection: x-sum")
            .body("abc")
            .end("x-sum: 1", "x-check: 2")
            .response();
    assertThat(trailers).containsExactly("x-check: 2");
    assertThat(response.body()).isEqualTo("abc[x-stay: 2]");
  }

  @ParameterizedTest
  @MethodSource("http1")
  void all_trailers_end_here_if_more_than_a_hundred_are_nominated_in_both_directions(
      LaneProtocol lane) {
    start(lane);
    String many = "Connection: " + "x-other, ".repeat(100) + "x-hop";
    List<String> trailers = new CopyOnWriteArrayList<>();
    master.script(
        call -> {
          chunks(call);
          trailers.addAll(trailers(call));
          call.write(
              "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n"
                  + many
                  + "\r\n\r\n3\r\nabc\r\n0\r\nx-hop: 1\r\nx-stay: 2\r\n\r\n");
          call.close();
        });
    Response response =
        client().begin("POST", "/", -1, many).body("abc").end("x-hop: 1", "x-check: 2").response();
    assertThat(trailers).isEmpty();
    assertThat(response.body()).isEqualTo("abc");
  }

  @ParameterizedTest
  @MethodSource("http1")
  void a_nomination_ends_with_its_request(LaneProtocol lane) {
    start(lane);
    RawClient client = raw();
    client.get("/1", "Connection: x-a", "X-A: 1");
    client.get("/2", "X-A: 2");
    assertThat(master.calls().get(0).headers("x-a")).isEmpty();
    assertThat(master.calls().get(1).headers("x-a")).containsExactly("2");
  }

  @ParameterizedTest
  @MethodSource("http1")
  void a_websocket_keeps_its_upgrade_and_loses_what_is_nominated(LaneProtocol lane) {
    start(lane, "SetRequestHeader=X-Tenant, ours");
    master.script(call -> call.reply(403, "no"));
    client()
        .get(
            "/ws",
            "Connection: Upgrade, x-hop, x-tenant",
            "Upgrade: websocket",
            "Sec-WebSocket-Version: 13",
            "Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==",
            "X-Hop: 1");
    TestServer.Call call = master.calls().get(0);
    assertThat(call.headers("connection")).containsExactly("upgrade");
    assertThat(call.headers("upgrade")).containsExactly("websocket");
    assertThat(call.headers("x-hop")).isEmpty();
    assertThat(call.headers("x-tenant")).containsExactly("ours");
  }

  @ParameterizedTest
  @MethodSource("lanes")
  void a_server_can_nominate_its_own_fields_and_no_others(LaneProtocol lane) {
    start(
        lane,
        two(),
        lane.protocol().isSecure()
            ? TrustedProxies.NONE
            : TrustedProxies.of(List.of("127.0.0.0/8")),
        "StrictTransportSecurity=max-age=1",
        "AddResponseHeader=X-Frame-Options, DENY",
        "SetResponseHeader=X-Tenant, ours");
    master.script(
        call ->
            call.write(
                "HTTP/1.1 200 OK\r\nContent-Length: 2\r\n"
                    + "Connection: x-frame-options, X-Tenant,strict-transport-security\r\n"
                    + "Connection: x-hop, x-request-id, content-length\r\n"
                    + "X-Tenant: theirs\r\nX-Hop: 1\r\nX-Stay: 2\r\n\r\nok"));
    Response response = client().get("/", "X-Forwarded-Proto: https");
    assertThat(response.body()).isEqualTo("ok");
    assertThat(response.headers("x-frame-options")).containsExactly("DENY");
    assertThat(response.headers("x-tenant")).containsExactly("ours");
    assertThat(response.headers("strict-transport-security")).containsExactly("max-age=1");
    assertThat(response.headers("x-request-id")).hasSize(1);
    assertThat(response.headers("x-hop")).isEmpty();
    assertThat(response.headers("x-stay")).containsExactly("2");
    assertThat(response.headers("connection")).isEmpty();
  }
}
