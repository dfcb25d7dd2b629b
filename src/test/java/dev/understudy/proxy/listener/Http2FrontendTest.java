package dev.understudy.proxy.listener;

import static org.assertj.core.api.Assertions.assertThat;

import dev.understudy.testing.Await;
import dev.understudy.testing.Http2FrameClient;
import dev.understudy.testing.TestLimits;
import dev.understudy.traffic.Limit;
import dev.understudy.traffic.RequestEnd;
import io.netty.handler.codec.http2.Http2Error;
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

  @ParameterizedTest
  @ValueSource(strings = {"/", "/gateway/x"})
  void the_rest_of_a_body_after_an_early_response_is_refused_and_a_little_more_is_taken(
      String target) {
    Http2FrameClient client = start();
    rig.server.script(call -> call.write("HTTP/1.1 403 No\r\nContent-Length: 2\r\n\r\nno"));
    Http2FrameClient.Stream goesOn = client.open().head("POST", target, false).data("some", false);
    Await.until("the answer is whole", goesOn::isEnded);
    assertThat(goesOn.status()).isEqualTo(target.equals("/") ? 403 : 200);
    assertThat(goesOn.body()).startsWith(target.equals("/") ? "no" : target);
    goesOn.data(new byte[MEBIBYTE], false);
    Await.until("the rest is refused", () -> goesOn.reset() != null);
    assertThat(goesOn.reset()).isEqualTo(Http2Error.NO_ERROR);
    assertThat(client.isClosed()).isFalse();
    Http2FrameClient.Stream ends = client.open().head("POST", target, false).data("some", false);
    Await.until("the answer is whole", ends::isEnded);
    ends.data("more", true);
    Await.until("the stream ends", () -> !ends.isOpen());
    assertThat(ends.reset()).isNull();
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
  void a_body_that_is_too_long_is_refused_however_it_comes() {
    Http2FrameClient client = start(FrontendRig.limits("max-body=10B"));
    rig.server.script(call -> call.body());
    assertThat(client.open().head("POST", "/", false, "content-length:11").await().status())
        .isEqualTo(413);
    Http2FrameClient.Stream unsaid =
        client.open().head("POST", "/", false).data("0123456789", false);
    unsaid.data("x", false);
    assertThat(unsaid.await().status()).isEqualTo(413);
    assertThat(rig.seen.limits).containsExactly(Limit.BODY_SIZE, Limit.BODY_SIZE);
  }

  @Test
  void a_client_that_stops_reading_its_response_is_disconnected() {
    Http2FrameClient client = start(FrontendRig.limits("idle=300ms"));
    rig.server.script(call -> call.reply(200, "x".repeat(4 * MEBIBYTE)));
    Http2FrameClient.Stream stream = client.open().reading(false).head("GET", "/", true);
    Await.until("it is over", () -> !rig.seen.outcomes.isEmpty());
    assertThat(rig.seen.outcome().end()).isEqualTo(RequestEnd.CLIENT_GONE);
    Await.until("it is reset", () -> stream.reset() != null);
    assertThat(stream.reset()).isEqualTo(Http2Error.INTERNAL_ERROR);
  }
}
