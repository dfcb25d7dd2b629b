package dev.understudy.proxy.listener;

import static org.assertj.core.api.Assertions.assertThat;

import dev.understudy.proxy.frontend.FrontendLimits;
import dev.understudy.proxy.listener.FrontendRig.Entrance;
import dev.understudy.testing.Await;
import dev.understudy.testing.Http2FrameClient;
import dev.understudy.testing.Http2FrameClient.GoAway;
import dev.understudy.testing.RawHttp2;
import dev.understudy.testing.TestLimits;
import dev.understudy.traffic.Limit;
import dev.understudy.traffic.RequestEnd;
import io.netty.handler.codec.http2.Http2Error;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** How long a connection may stay and how it ends, and how its streams do. */
class Http2ClientConnectionTest {
  private static final int MEBIBYTE = 1024 * 1024;
  private static final GoAway ANY_STREAM =
      new GoAway(Integer.MAX_VALUE, Http2Error.NO_ERROR.code());
  private static final GoAway UP_TO_THE_FIRST = new GoAway(3, Http2Error.NO_ERROR.code());

  private FrontendRig rig;
  private final List<Http2FrameClient> clients = new ArrayList<>();

  @AfterEach
  void close() {
    clients.forEach(Http2FrameClient::close);
    rig.close();
  }

  private Http2FrameClient start(FrontendLimits limits) {
    rig = new FrontendRig(Entrance.ALPN, limits);
    return client();
  }

  private Http2FrameClient client() {
    Http2FrameClient client = new Http2FrameClient(rig.port());
    clients.add(client);
    return client;
  }

  @Test
  void without_a_first_stream_in_the_header_time_it_is_ended() {
    Http2FrameClient client = start(FrontendRig.limits("header-timeout=2s"));
    Await.until("it is closed", client::isClosed);
    assertThat(client.goAways()).containsExactly(new GoAway(0, Http2Error.NO_ERROR.code()));
    assertThat(rig.seen.limits).containsExactly(Limit.HEADER_TIME);
  }

  @Test
  void pings_and_settings_do_not_keep_it() throws Exception {
    rig = new FrontendRig(Entrance.ALPN, FrontendRig.limits("header-timeout=1s"));
    try (RawHttp2 client = RawHttp2.connect(rig.port()).settings()) {
      int type = RawHttp2.PING;
      while (type != RawHttp2.GOAWAY) {
        client.frame(RawHttp2.PING, 0, 0, new byte[8]).settings();
        type = client.read().type();
      }
    } catch (IOException ended) {
      // What we sent meanwhile had broken it off before it could tell.
    }
    assertThat(rig.seen.limits).containsExactly(Limit.HEADER_TIME);
  }

  @Test
  void without_streams_for_the_keep_alive_time_it_is_ended() {
    Http2FrameClient client = start(FrontendRig.limits("keep-alive=200ms"));
    assertThat(client.get("/").await().status()).isEqualTo(200);
    Await.until("it is closed", client::isClosed);
    assertThat(client.goAways()).containsExactly(ANY_STREAM, UP_TO_THE_FIRST);
    assertThat(rig.seen.limits).isEmpty();
  }

  /** RFC 9113 §6.8: a server that ends a connection gracefully tells its client twice. */
  @ParameterizedTest
  @ValueSource(strings = {"a stop", "the keep-alive time"})
  void a_request_that_crosses_the_end_of_an_idle_connection_gets_its_response(String end)
      throws Exception {
    boolean stops = end.equals("a stop");
    rig =
        new FrontendRig(
            Entrance.ALPN, FrontendRig.limits(stops ? "keep-alive=60s" : "keep-alive=200ms"));
    try (RawHttp2 client = RawHttp2.connect(rig.port()).settings()) {
      client.get(1, "/").read(RawHttp2.DATA, 1);
      CompletableFuture<Void> stopped =
          stops ? rig.stop() : CompletableFuture.completedFuture(null);
      assertThat(client.read(RawHttp2.GOAWAY).number(0)).isEqualTo(ANY_STREAM.lastStreamId());
      RawHttp2.Frame ping = client.read(RawHttp2.PING);
      client.get(3, "/crossing");
      client.frame(RawHttp2.PING, RawHttp2.ACK, 0, ping.payload());
      List<RawHttp2.Frame> rest = client.rest();
      assertThat(rest)
          .filteredOn(frame -> frame.type() == RawHttp2.HEADERS && frame.stream() == 3)
          .singleElement()
          .satisfies(head -> assertThat(head.fields().status()).hasToString("200"));
      assertThat(rest)
          .filteredOn(frame -> frame.type() == RawHttp2.GOAWAY)
          .extracting(frame -> frame.number(0))
          .containsExactly(3L);
      stopped.get(20, TimeUnit.SECONDS);
    }
  }

  @Test
  void the_last_request_that_it_may_carry_gets_its_response() {
    Http2FrameClient client = start(FrontendRig.limits("max-requests-per-connection=2"));
    assertThat(client.get("/").await().status()).isEqualTo(200);
    assertThat(client.goAways()).isEmpty();
    assertThat(client.get("/").await().status()).isEqualTo(200);
    Await.until("it is closed", client::isClosed);
    assertThat(client.goAways()).isNotEmpty();
    assertThat(rig.seen.limits).containsExactly(Limit.REQUESTS_PER_CONNECTION);
  }

  /** Or they would be an endless way to keep one. */
  @Test
  void heads_that_are_too_large_are_requests_too() throws Exception {
    rig = new FrontendRig(Entrance.ALPN, FrontendRig.limits("max-requests-per-connection=2"));
    try (RawHttp2 client = RawHttp2.connect(rig.port()).settings()) {
      String large = "x: " + "x".repeat(9_000);
      assertThat(client.get(1, "/", large).read(RawHttp2.HEADERS, 1).fields().status())
          .hasToString("431");
      assertThat(client.get(3, "/", large).read(RawHttp2.HEADERS, 3).fields().status())
          .hasToString("431");
      assertThat(client.rest()).anyMatch(frame -> frame.type() == RawHttp2.GOAWAY);
    }
    assertThat(rig.seen.limits)
        .containsExactly(Limit.HEADER_SIZE, Limit.HEADER_SIZE, Limit.REQUESTS_PER_CONNECTION);
  }

  @Test
  void a_handshake_that_is_never_finished_ends_with_the_header_time() {
    rig = new FrontendRig(Entrance.ALPN, FrontendRig.limits("header-timeout=300ms"));
    try (var silent = new dev.understudy.testing.RawClient(rig.port())) {
      assertThat(silent.isEnded()).isTrue();
      assertThat(rig.seen.limits).containsExactly(Limit.HEADER_TIME);
    }
  }

  /** A client that was told to leave would send its first request elsewhere. */
  @Test
  void a_new_connection_is_told_to_leave_with_its_first_request_of_a_stop() throws Exception {
    rig = new FrontendRig(Entrance.ALPN);
    try (RawHttp2 client = RawHttp2.connect(rig.port()).settings()) {
      CompletableFuture<Void> stopped = rig.stop();
      Await.until("connections drain", rig.frontend::isDraining);
      client.frame(RawHttp2.PING, 0, 0, new byte[8]);
      RawHttp2.Frame next = client.read();
      while (next.type() != RawHttp2.PING) {
        assertThat(next.type()).isNotEqualTo(RawHttp2.GOAWAY);
        next = client.read();
      }
      assertThat(next.is(RawHttp2.ACK)).isTrue();
      client.get(1, "/");
      assertThat(client.read(RawHttp2.GOAWAY).number(0)).isEqualTo(ANY_STREAM.lastStreamId());
      assertThat(client.read(RawHttp2.HEADERS, 1).fields().status()).hasToString("200");
      stopped.get(20, TimeUnit.SECONDS);
    }
  }

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
}
