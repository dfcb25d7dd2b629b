package dev.understudy.proxy.gateway;

import static org.assertj.core.api.Assertions.assertThat;

import dev.understudy.testing.Await;
import dev.understudy.testing.Http2Client;
import dev.understudy.testing.Response;
import dev.understudy.testing.TestClient;
import dev.understudy.testing.TestServer;
import dev.understudy.traffic.RequestEnd;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedClass;
import org.junit.jupiter.params.provider.MethodSource;

/** What HTTP/2 alone has of forwarding: streams beside each other, its header fields. */
@ParameterizedClass
@MethodSource("http2")
class Http2StreamsTest extends LaneProtocolTable {
  @Test
  void a_response_does_not_wait_for_that_of_an_earlier_request() {
    start(two());
    master.script(
        call -> {
          if (call.line().contains("/slow")) {
            go.await();
          }
          call.reply(200, call.line());
        });
    Http2Client client = (Http2Client) client();
    client.request("GET", "/slow");
    Await.until("the slow one is there", () -> master.calls().size() == 1);
    client.request("GET", "/fast");
    Await.until("the fast one is answered", () -> seen.outcomes.size() == 1);
    go.countDown();
    assertThat(client.response().body()).contains("/slow");
    assertThat(client.response().body()).contains("/fast");
  }

  @Test
  void a_reset_stream_leaves_the_others_alone() {
    start(two());
    master.script(
        call -> {
          if (call.line().contains("/never")) {
            go.await();
          }
          call.reply(200, "ok");
        });
    TestClient client = client().request("GET", "/never");
    Await.until("the master has it", () -> master.calls().size() == 1);
    client.abort();
    assertThat(seen.outcome().end()).isEqualTo(RequestEnd.CLIENT_GONE);
    assertThat(client.get("/").body()).isEqualTo("ok");
    go.countDown();
  }

  @Test
  void fields_of_the_upstream_connection_and_of_the_codec_are_removed() {
    start(two());
    master.script(
        call ->
            call.write(
                "HTTP/1.1 200 OK\r\nContent-Length: 0\r\nConnection: keep-alive, x-hop\r\n"
                    + "X-Hop: 1\r\nKeep-Alive: timeout=5\r\nProxy-Connection: x\r\n"
                    + "X-Stay: 2\r\n\r\n"));
    Response response =
        client().get("/", "te: trailers", "x-http2-scheme: http", "Understudy-Epoch: 99");
    assertThat(response.status()).isEqualTo(200);
    assertThat(response.header("x-stay")).isEqualTo("2");
    for (String gone : List.of("connection", "x-hop", "keep-alive", "proxy-connection")) {
      assertThat(response.headers(gone)).as(gone).isEmpty();
    }
    TestServer.Call call = master.calls().get(0);
    assertThat(call.head().toLowerCase(java.util.Locale.ROOT)).doesNotContain("x-http2-");
    assertThat(call.headers("understudy-epoch")).containsExactly("1");
    assertThat(call.headers("host")).containsExactly("example.test");
  }

  @Test
  void split_cookie_fields_reach_the_server_as_one() {
    start(two());
    client().get("/", "cookie: a=1", "cookie: b=2");
    assertThat(master.calls().get(0).headers("cookie")).containsExactly("a=1; b=2");
  }
}
