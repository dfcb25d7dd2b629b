package dev.understudy.proxy.listener;

import static org.assertj.core.api.Assertions.assertThat;

import dev.understudy.testing.Await;
import dev.understudy.testing.Http2FrameClient;
import dev.understudy.testing.TestLimits;
import dev.understudy.traffic.Limit;
import dev.understudy.traffic.RequestEnd;
import io.netty.handler.codec.http2.Http2Error;
import java.util.Locale;
import java.util.OptionalLong;
import java.util.concurrent.CountDownLatch;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** What happens on one stream. */
class Http2FrontendTest extends Http2Clients {
  private static final int MEBIBYTE = 1024 * 1024;

  private Http2FrameClient start() {
    return start(TestLimits.DEFAULT);
  }

  @Test
  void a_request_goes_to_the_server_as_it_came_and_nothing_of_the_codec_with_it() {
    Http2FrameClient.Stream response =
        start().get("/x?y=%7C&z=a%20b", "x-http2-path:/spoofed", "cookie:a=b").await();
    assertThat(response.status()).isEqualTo(200);
    assertThat(response.body()).isEqualTo("server");
    assertThat(rig.server.calls().get(0).line()).isEqualTo("GET /x?y=%7C&z=a%20b HTTP/1.1");
    assertThat(rig.server.calls().get(0).header("host")).isEqualTo("example.test");
    assertThat(rig.server.calls().get(0).header("cookie")).isEqualTo("a=b");
    assertThat(rig.server.calls().get(0).header("x-forwarded-proto")).isEqualTo("https");
    assertThat(rig.server.calls().get(0).head().toLowerCase(Locale.ROOT))
        .doesNotContain("x-http2-");
    assertThat(rig.seen.outcome().end()).isEqualTo(RequestEnd.COMPLETED);
  }

  @Test
  void connection_fields_of_http_1_are_not_sent() {
    Http2FrameClient client = start();
    rig.server.script(
        call ->
            call.write(
                "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\nKeep-Alive: timeout=5\r\n"
                    + "Connection: keep-alive\r\n\r\n2\r\nhi\r\n0\r\nX-Sum: 7\r\n\r\n"));
    Http2FrameClient.Stream response = client.get("/").await();
    assertThat(response.body()).isEqualTo("hi");
    assertThat(response.header("connection")).isNull();
    assertThat(response.header("keep-alive")).isNull();
    assertThat(response.header("transfer-encoding")).isNull();
    assertThat(response.header("x-sum")).isEqualTo("7");
    assertThat(response.isEnded()).isTrue();
    assertThat(response.reset()).isNull();
  }

  @Test
  void requests_of_one_connection_run_at_the_same_time() throws Exception {
    Http2FrameClient client = start();
    CountDownLatch both = new CountDownLatch(2);
    rig.server.script(
        call -> {
          both.countDown();
          both.await();
          call.reply(200, call.line());
        });
    Http2FrameClient.Stream first = client.get("/1");
    Http2FrameClient.Stream second = client.get("/2");
    assertThat(first.await().body()).contains("/1");
    assertThat(second.await().body()).contains("/2");
  }

  @Test
  void a_body_with_trailers_arrives_whole() {
    Http2FrameClient client = start();
    rig.server.script(call -> call.reply(200, call.text()));
    Http2FrameClient.Stream response =
        client
            .open()
            .head("POST", "/", false)
            .data("one,", false)
            .data("two", false)
            .trailers("x-sum", "7")
            .await();
    assertThat(response.body()).isEqualTo("one,two");
    assertThat(rig.server.calls().get(0).header("transfer-encoding")).isEqualTo("chunked");
  }

  @Test
  void a_megabyte_passes_in_both_directions_whichever_side_is_slow() throws Exception {
    Http2FrameClient client = start();
    CountDownLatch mayRead = new CountDownLatch(1);
    CountDownLatch hasRead = new CountDownLatch(1);
    rig.server.script(
        call -> {
          mayRead.await();
          String length = String.valueOf(call.text().length());
          hasRead.countDown();
          call.reply(200, length + "x".repeat(MEBIBYTE));
        });
    Http2FrameClient.Stream response =
        client.open().reading(false).head("POST", "/", false).data(new byte[MEBIBYTE], true);
    Await.until("it is there", () -> !rig.server.calls().isEmpty());
    mayRead.countDown();
    hasRead.await();
    response.reading(true).await();
    assertThat(response.body()).startsWith(MEBIBYTE + "x").hasSize(7 + MEBIBYTE);
  }

  @Test
  void a_head_has_no_body_and_keeps_its_length() {
    Http2FrameClient client = start();
    rig.server.script(call -> call.write("HTTP/1.1 200 OK\r\nContent-Length: 7\r\n\r\n"));
    Http2FrameClient.Stream response = client.open().head("HEAD", "/", true).await();
    assertThat(response.header("content-length")).isEqualTo("7");
    assertThat(response.body()).isEmpty();
    assertThat(response.isEnded()).isTrue();
  }

  @Test
  void interim_responses_come_before_the_final_one() {
    Http2FrameClient client = start();
    rig.server.script(
        call -> {
          call.write("HTTP/1.1 100 Continue\r\n\r\n");
          call.write("HTTP/1.1 103 Early Hints\r\nLink: </a>\r\n\r\n");
          call.reply(200, call.text());
        });
    Http2FrameClient.Stream stream =
        client.open().head("POST", "/", false, "expect:100-continue", "content-length:2");
    Await.until("it may go on", () -> stream.status() >= 100);
    stream.data("hi", true).await();
    assertThat(stream.heads().stream().map(head -> String.valueOf(head.status())))
        .startsWith("100", "103", "200");
    assertThat(stream.body()).isEqualTo("hi");
  }

  @Test
  void a_response_that_breaks_is_reset_and_other_streams_do_not_notice() {
    Http2FrameClient client = start();
    CountDownLatch begun = new CountDownLatch(1);
    rig.server.script(
        call -> {
          if (call.line().contains("/breaks")) {
            call.write("HTTP/1.1 200 OK\r\nContent-Length: 9\r\n\r\nhalf");
            begun.await();
            call.reset();
          } else {
            call.reply(200, "whole");
          }
        });
    Http2FrameClient.Stream breaks = client.get("/breaks");
    assertThat(breaks.awaitStatus()).isEqualTo(200);
    begun.countDown();
    breaks.await();
    assertThat(breaks.isEnded()).isFalse();
    assertThat(breaks.reset()).isEqualTo(Http2Error.CANCEL);
    assertThat(client.get("/other").await().body()).isEqualTo("whole");
    assertThat(rig.seen.outcomes.get(0).end()).isEqualTo(RequestEnd.RESPONSE_BROKEN);
  }

  @Test
  void
      a_response_before_the_requests_end_arrives_whole_and_then_the_stream_is_reset_with_no_error() {
    Http2FrameClient client = start();
    rig.server.script(call -> call.write("HTTP/1.1 403 No\r\nContent-Length: 2\r\n\r\nno"));
    Http2FrameClient.Stream stream = client.open().head("POST", "/", false).data("some", false);
    Await.until("the answer is whole", stream::isEnded);
    assertThat(stream.status()).isEqualTo(403);
    assertThat(stream.body()).isEqualTo("no");
    stream.data(new byte[MEBIBYTE], false);
    Await.until("the rest is refused", () -> stream.reset() != null);
    assertThat(stream.reset()).isEqualTo(Http2Error.NO_ERROR);
    assertThat(client.isClosed()).isFalse();
  }

  @Test
  void a_little_more_after_an_early_response_ends_the_stream_quietly() {
    Http2FrameClient client = start();
    rig.server.script(call -> call.write("HTTP/1.1 403 No\r\nContent-Length: 2\r\n\r\nno"));
    Http2FrameClient.Stream stream = client.open().head("POST", "/", false).data("some", false);
    Await.until("the answer is whole", stream::isEnded);
    stream.data("more", true);
    Await.until("the stream ends", () -> !stream.isOpen());
    assertThat(stream.reset()).isNull();
  }

  @Test
  void the_remaining_body_of_a_gateway_request_is_refused_after_its_whole_response() {
    Http2FrameClient client = start();
    Http2FrameClient.Stream stream = client.open().head("POST", "/gateway/x", false);
    Await.until("the response is whole", stream.data("some", false)::isEnded);
    assertThat(stream.status()).isEqualTo(200);
    assertThat(stream.body()).startsWith("/gateway/x");
    stream.data(new byte[MEBIBYTE], false);
    Await.until("the rest is refused", () -> stream.reset() != null);
    assertThat(stream.reset()).isEqualTo(Http2Error.NO_ERROR);
    assertThat(client.get("/gateway/y").await().status()).isEqualTo(200);
  }

  @Test
  void a_short_remaining_body_of_a_gateway_request_ends_its_stream_quietly() {
    Http2FrameClient client = start();
    Http2FrameClient.Stream stream = client.open().head("POST", "/gateway/x", false);
    Await.until("the response is whole", stream.data("some", false)::isEnded);
    stream.data("more", true);
    Await.until("the stream ends", () -> !stream.isOpen());
    assertThat(stream.reset()).isNull();
  }

  @Test
  void a_client_that_cancels_takes_its_request_back() {
    Http2FrameClient client = start();
    rig.server.script(call -> call.in().read());
    Http2FrameClient.Stream stream = client.get("/");
    Await.until("it is there", () -> !rig.server.calls().isEmpty());
    stream.cancel();
    assertThat(rig.seen.outcome().end()).isEqualTo(RequestEnd.CLIENT_GONE);
    Await.until("the server's connection is not kept", () -> rig.server.openConnections() == 0);
  }

  @Test
  void a_client_that_vanishes_is_noticed_even_with_data_of_it_unread() throws Exception {
    Http2FrameClient client = start();
    CountDownLatch never = new CountDownLatch(1);
    rig.server.script(call -> never.await());
    Http2FrameClient.Stream stream =
        client.open().head("POST", "/", false, "content-length:999999999");
    Await.until("it is there", () -> !rig.server.calls().isEmpty());
    for (int i = 0; i < 16; i++) {
      stream.data(new byte[MEBIBYTE], false);
    }
    client.get("/other");
    Await.until("both run", () -> rig.server.calls().size() == 2);
    client.drop();
    Await.until("both are over", () -> rig.seen.outcomes.size() == 2);
    assertThat(rig.seen.outcomes).extracting(o -> o.end()).containsOnly(RequestEnd.CLIENT_GONE);
    never.countDown();
  }

  @Test
  void a_request_that_breaks_a_rule_reaches_no_server() {
    Http2FrameClient client = start();
    assertThat(client.get("/a#b").await().status()).isEqualTo(400);
    assertThat(client.get("/", "host:other.test").await().reset())
        .isEqualTo(Http2Error.PROTOCOL_ERROR);
    assertThat(client.get("/", "connection:upgrade", "upgrade:websocket").await().reset())
        .isEqualTo(Http2Error.PROTOCOL_ERROR);
    assertThat(rig.server.calls()).isEmpty();
    assertThat(client.get("/").await().status()).isEqualTo(200);
  }

  @Test
  void a_body_that_is_too_long_is_refused_however_it_comes() {
    Http2FrameClient client =
        start(FrontendRig.limits(60_000, 60_000, 60_000, OptionalLong.of(10)));
    rig.server.script(call -> call.body());
    assertThat(client.open().head("POST", "/", false, "content-length:11").await().status())
        .isEqualTo(413);
    Http2FrameClient.Stream unsaid =
        client.open().head("POST", "/", false).data("0123456789", false);
    unsaid.data("x", false);
    assertThat(unsaid.await().status()).isEqualTo(413);
    assertThat(rig.seen.limits).containsExactly(Limit.BODY_SIZE, Limit.BODY_SIZE);
  }

  @ParameterizedTest
  @ValueSource(booleans = {true, false})
  void a_client_that_sends_no_more_of_its_request_is_told(boolean begun) {
    Http2FrameClient client = start(FrontendRig.limits(60_000, 60_000, 300, OptionalLong.empty()));
    rig.server.script(call -> call.body());
    Http2FrameClient.Stream stream = client.open().head("POST", "/", false);
    if (begun) {
      stream.data("some", false);
    }
    assertThat(stream.await().status()).isEqualTo(408);
    assertThat(rig.seen.limits).contains(Limit.CLIENT_IDLE);
  }

  @Test
  void a_client_that_stops_reading_its_response_is_disconnected() {
    Http2FrameClient client = start(FrontendRig.limits(60_000, 60_000, 300, OptionalLong.empty()));
    rig.server.script(call -> call.reply(200, "x".repeat(4 * MEBIBYTE)));
    Http2FrameClient.Stream stream = client.open().reading(false).head("GET", "/", true);
    Await.until("it is over", () -> !rig.seen.outcomes.isEmpty());
    assertThat(rig.seen.outcome().end()).isEqualTo(RequestEnd.CLIENT_GONE);
    Await.until("it is reset", () -> stream.reset() != null);
    assertThat(stream.reset()).isEqualTo(Http2Error.INTERNAL_ERROR);
  }

  @Test
  void a_request_of_the_gateway_passes_on_the_same_connection() {
    Http2FrameClient client = start();
    Http2FrameClient.Stream response = client.get("/gateway/%7euser").await();
    assertThat(response.body())
        .startsWith("/gateway/~user /gateway/%7euser ")
        .doesNotContain("x-http2-");
    assertThat(client.get("/").await().body()).isEqualTo("server");
  }
}
