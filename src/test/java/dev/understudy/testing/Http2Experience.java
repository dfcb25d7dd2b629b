package dev.understudy.testing;

import static org.assertj.core.api.Assertions.assertThat;

import dev.understudy.traffic.EndReason;
import java.util.List;
import java.util.concurrent.CountDownLatch;
import org.junit.jupiter.api.Test;

/** Beyond the common table, what there is in HTTP/2 alone. */
public abstract class Http2Experience extends RequestExperience {

  @Test
  void an_answer_does_not_wait_for_that_of_an_earlier_request() {
    start(two());
    CountDownLatch go = new CountDownLatch(1);
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
    assertThat(client.answer().body()).contains("/slow");
    assertThat(client.answer().body()).contains("/fast");
  }

  @Test
  void a_stream_that_is_reset_leaves_the_others_alone() {
    start(two());
    CountDownLatch never = new CountDownLatch(1);
    master.script(
        call -> {
          if (call.line().contains("/never")) {
            never.await();
          }
          call.reply(200, "ok");
        });
    TestClient client = client().request("GET", "/never");
    Await.until("the master has it", () -> master.calls().size() == 1);
    client.abort();
    assertThat(seen.outcome().end()).isEqualTo(EndReason.CLIENT_GONE);
    assertThat(client.get("/").body()).isEqualTo("ok");
    never.countDown();
  }

  @Test
  void fields_of_a_servers_connection_and_of_the_codec_end_here() {
    start(two());
    master.script(
        call ->
            call.write(
                "HTTP/1.1 200 OK\r\nContent-Length: 0\r\nConnection: keep-alive, x-hop\r\n"
                    + "X-Hop: 1\r\nKeep-Alive: timeout=5\r\nProxy-Connection: x\r\n"
                    + "X-Stay: 2\r\n\r\n"));
    Answer answer =
        client().get("/", "te: trailers", "x-http2-scheme: http", "Understudy-Epoch: 99");
    assertThat(answer.status()).isEqualTo(200);
    assertThat(answer.header("x-stay")).isEqualTo("2");
    for (String gone : List.of("connection", "x-hop", "keep-alive", "proxy-connection")) {
      assertThat(answer.headers(gone)).as(gone).isEmpty();
    }
    TestServer.Call call = master.calls().get(0);
    assertThat(call.head().toLowerCase(java.util.Locale.ROOT)).doesNotContain("x-http2-");
    assertThat(call.headers("understudy-epoch")).containsExactly("1");
    assertThat(call.headers("host")).containsExactly("example.test");
  }

  @Test
  void cookies_that_come_in_crumbs_reach_the_server_as_one_field() {
    start(two());
    client().get("/", "cookie: a=1", "cookie: b=2");
    assertThat(master.calls().get(0).headers("cookie")).containsExactly("a=1; b=2");
  }
}
