package dev.understudy.proxy.gateway;

import static org.assertj.core.api.Assertions.assertThat;

import dev.understudy.proxy.engine.TunnelFactory;
import dev.understudy.proxy.tunnel.Tunnels;
import dev.understudy.testing.Await;
import dev.understudy.testing.RawClient;
import dev.understudy.testing.Response;
import dev.understudy.testing.TestServer;
import dev.understudy.traffic.RequestEnd;
import dev.understudy.traffic.RequestOutcome;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedClass;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.MethodSource;
import org.junit.jupiter.params.provider.ValueSource;

/** {@code AllowUpgrade}: other protocols than WebSocket in {@code Upgrade} (RFC 9110 §7.8). */
@ParameterizedClass
@MethodSource("http1")
class AllowUpgradeTest extends LaneProtocolTable {
  private static final String[] ASKED = {"Host: h", "Connection: Upgrade", "Upgrade: tcp"};
  private static final String HEAD =
      "POST /exec HTTP/1.1\r\nHost: h\r\nConnection: Upgrade\r\nUpgrade: tcp\r\n";
  private static final String NEXT = "GET /next HTTP/1.1\r\nHost: h\r\n\r\n";

  /** Agrees, says hello, and repeats what comes until its end. */
  private static final TestServer.Script AGREE =
      call -> {
        call.body();
        call.write(agreed("tcp") + "hello ");
        echo(call);
      };

  private static String agreed(String protocol) {
    return "HTTP/1.1 101 UPGRADED\r\nContent-Type: application/vnd.docker.raw-stream\r\n"
        + "Connection: Upgrade\r\nUpgrade: "
        + protocol
        + "\r\n\r\n";
  }

  @Override
  protected TunnelFactory tunnels() {
    Tunnels tunnels = new Tunnels(pools, seen);
    closeLater(tunnels);
    return tunnels;
  }

  private void allow(String protocols) {
    start(lane, "AllowUpgrade=" + protocols);
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "\r\n",
        "Content-Length: 0\r\n\r\n",
        "Content-Length: 2\r\n\r\n{}",
        "Transfer-Encoding: chunked\r\n\r\n2\r\n{}\r\n0\r\n\r\n"
      })
  void a_request_that_asks_for_an_allowed_protocol_becomes_a_tunnel(String rest) throws Exception {
    allow("tcp");
    master.script(AGREE);
    RawClient client = raw().send(HEAD + rest);
    Response response = client.response();
    assertThat(response.status()).isEqualTo(101);
    assertThat(response.headers("connection")).containsExactly("upgrade");
    assertThat(response.headers("upgrade")).containsExactly("tcp");
    assertThat(response.header("content-type")).isEqualTo("application/vnd.docker.raw-stream");
    client.send("world").endOutput();
    assertThat(client.readAll()).isEqualTo("hello world");
    TestServer.Call call = master.calls().getFirst();
    assertThat(call.headers("connection")).containsExactly("upgrade");
    assertThat(call.headers("upgrade")).containsExactly("tcp");
    assertThat(call.text()).isEqualTo(rest.contains("{}") ? "{}" : "");
    RequestOutcome outcome = seen.outcome();
    assertThat(outcome.end()).isEqualTo(RequestEnd.TUNNEL_CLOSED);
    assertThat(outcome.status()).isEqualTo(101);
    assertThat(outcome.bytesIn()).isEqualTo(5);
    assertThat(outcome.bytesOut()).isEqualTo(11);
    assertThat(pools.server("a").traffic().tunnels().get()).isZero();
    assertThat(seen.troubles).isEmpty();
  }

  /** RFC 9110 §7.8: the proxy's own offer has the members of the client's that it relays. */
  @ParameterizedTest
  @CsvSource(
      quoteCharacter = '`',
      value = {
        "tcp, tcp, tcp",
        "tcp, TCP, TCP",
        "TCP, tcp, tcp",
        "tcp, tcp/7, tcp/7",
        "tcp, `h2c, tcp`, tcp",
        "tcp, `tcp, h2c, websocket`, tcp",
        "tcp, `h2c|Upgrade: tcp`, tcp",
        "`tcp, SPDY/3.1`, `spdy/3.1, x, tcp`, `spdy/3.1, tcp`",
        "SPDY/3.1, SPDY/3.1, SPDY/3.1",
        "SPDY/3.1, SPDY/3, ",
        "SPDY/3.1, SPDY, ",
        "SPDY/3.1, SPDY/3.1/3.1, ",
        "tcp, h2c, ",
        "tcp, HTTP/2.0, ",
        "tcp, websocket, ",
        "tcp, tcpx, ",
        "tcp, tcp x, ",
        "tcp, tcp/, ",
        "tcp, tcp/1 x, ",
        "tcp, `,`, ",
      })
  void the_server_is_asked_for_what_is_allowed_of_that(String allowed, String asked, String sent) {
    allow(allowed);
    master.script(call -> call.reply(200, "no"));
    RawClient client =
        raw()
            .request(
                "POST",
                "/",
                "Connection: keep-alive, upgrade",
                "Upgrade: " + asked.replace("|", "\r\n"),
                "Content-Length: 0");
    assertThat(client.response().body()).isEqualTo("no");
    TestServer.Call call = master.calls().getFirst();
    assertThat(call.headers("upgrade")).isEqualTo(sent == null ? List.of() : List.of(sent));
    assertThat(call.headers("connection")).isEqualTo(sent == null ? List.of() : List.of("upgrade"));
    assertThat(client.get("/next").status()).isEqualTo(200);
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "GET / HTTP/1.0|Host: h|Connection: keep-alive, Upgrade|Upgrade: tcp||",
        "GET / HTTP/1.1|Host: h|Upgrade: tcp||",
        "GET / HTTP/1.1|Host: h|Connection: upgrade-x|Upgrade: tcp||",
        "GET / HTTP/1.1|Host: h|Connection: Upgrade||"
      })
  void a_request_that_does_not_ask_is_an_ordinary_one(String request) {
    allow("tcp");
    master.script(call -> call.write(agreed("tcp")));
    assertThat(raw().send(request.replace("|", "\r\n")).response().status()).isEqualTo(502);
    assertThat(master.calls().getFirst().headers("upgrade")).isEmpty();
    assertThat(master.calls().getFirst().headers("connection")).isEmpty();
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "AddResponseHeader=X-A, 1",
        "AllowUpgrade=tcp when path-prefix(/else)",
        "AllowUpgrade=tcp|AllowUpgrade=udp"
      })
  void without_the_filter_nothing_is_asked_for(String filters) {
    start(lane, filters.split("\\|"));
    master.script(call -> call.reply(200, call.line()));
    RawClient client = raw().request("GET", "/exec", ASKED).send(NEXT);
    assertThat(client.response().body()).contains("/exec");
    assertThat(client.response().body()).contains("/next");
    assertThat(master.calls().getFirst().headers("upgrade")).isEmpty();
  }

  @Test
  void a_filter_whose_condition_holds_counts() {
    start(lane, "AllowUpgrade=tcp when path(/exec)");
    master.script(AGREE);
    assertThat(raw().request("GET", "/exec", ASKED).response().status()).isEqualTo(101);
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "Upgrade: h2c|",
        "Upgrade: tcp|Upgrade: tcp|",
        "Upgrade: tcp, h2c|",
        "Upgrade: HTTP/1.1|",
        "Upgrade: HTTP/1.1, tcp|",
        "Upgrade: tcp/1|",
        "Upgrade:|",
        "X: y|",
        "Upgrade: tcp|Content-Length: 3|",
        "Upgrade: tcp|Transfer-Encoding: chunked|"
      })
  void a_101_that_agrees_to_anything_else_is_a_failure(String fields) {
    allow("tcp, h3");
    master.script(
        call ->
            call.write(
                "HTTP/1.1 101 X\r\nConnection: Upgrade\r\n"
                    + fields.replace("|", "\r\n")
                    + "\r\nhello"));
    Response response = raw().request("GET", "/", ASKED).response();
    assertThat(response.status()).isEqualTo(502);
    assertThat(response.header("upgrade")).isNull();
    assertThat(seen.outcome().end()).isEqualTo(RequestEnd.SERVER_FAILED);
    Await.until("the server is left", () -> master.openConnections() == 0);
  }

  /** RFC 2817 §3.3, and CUPS, which repeats the client's list. */
  @ParameterizedTest
  @ValueSource(
      strings = {"TLS/1.2", "tls/1.0", "TLS/1.2, HTTP/1.1", "TLS/1.2,TLS/1.0", "TLS/1.0 ,HTTP/1.1"})
  void a_101_may_name_layers(String named) {
    allow("TLS");
    master.script(call -> call.write(agreed(named) + "x"));
    RawClient client =
        raw().request("OPTIONS", "/", "Connection: upgrade", "Upgrade: TLS/1.2, TLS/1.0");
    Response response = client.response();
    assertThat(response.status()).isEqualTo(101);
    assertThat(response.header("upgrade")).isEqualTo(named.replaceAll(" *, *", ", "));
  }

  @Test
  void a_101_to_the_wrong_one_of_the_clients_protocols_is_a_failure() {
    allow("tcp");
    master.script(call -> call.write(agreed("h2c")));
    RawClient client = raw().request("GET", "/", "Connection: Upgrade", "Upgrade: h2c, tcp");
    assertThat(client.response().status()).isEqualTo(502);
  }

  @ParameterizedTest
  @ValueSource(
      strings = {"Content-Length: 5\r\n\r\n{}", "Transfer-Encoding: chunked\r\n\r\n2\r\n{}\r\n"})
  void a_101_before_the_end_of_the_request_is_a_failure(String rest) {
    allow("tcp");
    master.script(
        call -> {
          int first = call.in().read();
          call.write(agreed("tcp"));
          assertThat(first).isPositive();
        });
    assertThat(raw().send(HEAD + rest).response().status()).isEqualTo(502);
  }

  @Test
  void a_request_is_not_sent_again_whatever_its_method() {
    allow("tcp");
    master.script(TestServer.Call::close);
    backup.script(AGREE);
    assertThat(raw().request("GET", "/", ASKED).response().status()).isEqualTo(502);
    assertThat(master.calls()).hasSize(1);
    assertThat(backup.calls()).isEmpty();
  }

  @Test
  void a_websocket_is_one_on_such_a_route_too() throws Exception {
    allow("tcp");
    master.script(call -> call.write(CONSENT));
    String[] handshake = HANDSHAKE.clone();
    handshake[2] = "Upgrade: tcp, websocket";
    RawClient client = raw().request("GET", "/ws", handshake);
    assertThat(client.response().header("upgrade")).isEqualTo("websocket");
    assertThat(master.calls().getFirst().headers("upgrade")).containsExactly("websocket");
  }

  @Test
  void a_guard_for_websockets_lets_no_other_protocol_pass() {
    start(lane, "RequireWebSocketUpgrade=/ws", "AllowUpgrade=tcp");
    master.script(AGREE);
    assertThat(raw().request("GET", "/ws", ASKED).response().status()).isEqualTo(403);
    assertThat(raw().request("GET", "/", ASKED).response().status()).isEqualTo(101);
  }
}
