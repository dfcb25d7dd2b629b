package dev.understudy.proxy.listener;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.understudy.proxy.listener.FrontendRig.Entrance;
import dev.understudy.scenario.HttpConnection;
import dev.understudy.scenario.HttpConnection.Answer;
import dev.understudy.testing.Await;
import dev.understudy.testing.RawClient;
import dev.understudy.testing.Response;
import dev.understudy.testing.Trusting;
import dev.understudy.traffic.RequestEnd;
import java.io.UncheckedIOException;
import java.net.InetAddress;
import java.net.Socket;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.ValueSource;

/** What HTTP/1 clients see of a stop; for HTTP/2 see {@link Http2ClientConnectionTest}. */
class FrontendDrainTest {
  private final FrontendRig rig = new FrontendRig(Entrance.PLAIN);
  private final CountDownLatch mayRespond = new CountDownLatch(1);

  @AfterEach
  void close() {
    mayRespond.countDown();
    rig.close();
  }

  private void holdResponses() {
    rig.server.script(
        call -> {
          mayRespond.await();
          call.reply(200, call.line());
        });
  }

  /** The client may be sending already when the end of its response would end the connection. */
  @ParameterizedTest
  @ValueSource(booleans = {true, false})
  void a_response_that_promised_to_keep_its_connection_keeps_it_until_the_drain(boolean handOver) {
    rig.server.script(
        call -> {
          call.write("HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\n1");
          mayRespond.await();
          call.write("2");
        });
    try (RawClient client = new RawClient(rig.port()).request("GET", "/")) {
      client.readUntil("\r\n\r\n1");
      if (handOver) {
        rig.frontend.handOver();
      } else {
        rig.frontend.stopSoon();
      }
      mayRespond.countDown();
      client.readUntil("2");
      rig.server.script(call -> call.reply(200, "next"));
      // The event loop has been through when it has served others.
      for (int i = 0; i < 3; i++) {
        assertThat(RawClient.get(rig.port(), "/other")).endsWith("next");
      }
      Response next = client.get("/next");
      assertThat(next.body()).isEqualTo("next");
      assertThat(next.header("connection")).isEqualTo("close");
      assertThat(client.isEnded()).isTrue();
    }
  }

  private boolean isRefused() {
    try (RawClient late = new RawClient(rig.port())) {
      return false;
    } catch (UncheckedIOException refused) {
      return true;
    }
  }

  /** With TLS, its handshake begins only after the stop. */
  @ParameterizedTest
  @EnumSource(Entrance.class)
  void a_new_connection_may_send_its_first_request(Entrance entrance) throws Exception {
    try (FrontendRig rig = new FrontendRig(entrance);
        Socket raw = new Socket(InetAddress.getLoopbackAddress(), rig.port())) {
      awaitTaken(rig);
      CompletableFuture<Void> stopped = rig.stop();
      Await.until("connections drain", rig.frontend::isDraining);
      try (HttpConnection client =
          HttpConnection.over(entrance.isPlain() ? raw : Trusting.secure(raw, "localhost"))) {
        Answer response = client.send("GET", "/first", "");
        assertThat(response.status()).isEqualTo(200);
        assertThat(response.headers()).containsEntry("connection", "close");
      }
      stopped.get(20, TimeUnit.SECONDS);
    }
  }

  private static void awaitTaken(FrontendRig rig) {
    Await.until("it is taken", () -> rig.frontend.connections().connections() == 1);
  }

  /** One after its handshake, one before it, and one without TLS. */
  @Test
  void new_connections_that_say_nothing_end_before_their_header_timeout() throws Exception {
    try (FrontendRig tls = new FrontendRig(Entrance.TLS);
        FrontendRig alpn = new FrontendRig(Entrance.ALPN);
        RawClient shaken = new RawClient(tls.port(), true);
        RawClient mute = new RawClient(alpn.port());
        RawClient plain = new RawClient(rig.port())) {
      List<CompletableFuture<Void>> stopped = new ArrayList<>();
      for (FrontendRig each : List.of(rig, tls, alpn)) {
        awaitTaken(each);
        stopped.add(each.stop());
      }
      for (RawClient each : List.of(shaken, mute, plain)) {
        assertThat(each.isEnded()).isTrue();
      }
      for (CompletableFuture<Void> each : stopped) {
        each.get(20, TimeUnit.SECONDS);
      }
      assertThat(List.of(rig, tls, alpn)).allMatch(each -> each.seen.limits.isEmpty());
    }
  }

  @Test
  void a_request_that_has_arrived_unread_gets_its_response_before_its_connection_ends() {
    try (RawClient client = new RawClient(rig.port())) {
      assertThat(client.get("/").status()).isEqualTo(200);
      CountDownLatch sent = new CountDownLatch(1);
      assertThat(rig.loops).hasSize(1);
      rig.loops.forEach(
          loop -> loop.execute(() -> Await.until("it was sent", () -> sent.getCount() == 0)));
      client.request("GET", "/late");
      rig.frontend.drain();
      sent.countDown();
      Response response = client.response();
      assertThat(response.status()).isEqualTo(200);
      assertThat(response.header("connection")).isEqualTo("close");
      assertThat(client.isEnded()).isTrue();
    }
  }

  @Test
  void connections_that_the_kernel_has_made_are_served_before_the_listener_closes()
      throws Exception {
    CountDownLatch busy = new CountDownLatch(1);
    rig.acceptor.execute(() -> Await.until("all have come", () -> busy.getCount() == 0));
    List<RawClient> clients = new ArrayList<>();
    for (int i = 0; i < 3 * AcceptedAtOnce.MAX; i++) {
      clients.add(new RawClient(rig.port()).request("GET", "/" + i));
    }
    CompletableFuture<Void> stopped = rig.stop();
    busy.countDown();
    for (RawClient client : clients) {
      try (client) {
        assertThat(client.response().status()).isEqualTo(200);
        assertThat(client.isEnded()).isTrue();
      }
    }
    stopped.get(20, TimeUnit.SECONDS);
    assertThatThrownBy(() -> new RawClient(rig.port())).isInstanceOf(UncheckedIOException.class);
  }

  /** A process that was replaced drains once more when it stops. */
  @Test
  void a_drain_ends_beside_another_one() throws Exception {
    holdResponses();
    try (RawClient client = new RawClient(rig.port())) {
      client.request("GET", "/");
      Await.until("it runs", () -> !rig.server.calls().isEmpty());
      List<CompletionStage<Void>> drains = List.of(rig.frontend.drain(), rig.frontend.drain());
      mayRespond.countDown();
      assertThat(client.response().status()).isEqualTo(200);
      for (CompletionStage<Void> each : drains) {
        each.toCompletableFuture().get(20, TimeUnit.SECONDS);
      }
    }
  }

  @Test
  void requests_that_came_behind_a_running_one_get_their_responses_too() throws Exception {
    holdResponses();
    try (RawClient client = new RawClient(rig.port())) {
      client.send(
          "GET /1 HTTP/1.1\r\nHost: a\r\n\r\nGET /2 HTTP/1.1\r\nHost: a\r\n\r\n"
              + "GET /3 HTTP/1.1\r\nHost: a\r\n\r\n");
      Await.until("the first runs", () -> !rig.server.calls().isEmpty());
      CompletableFuture<Void> stopped = rig.stop();
      Await.until("nobody is taken any more", this::isRefused);
      assertThat(stopped).isNotDone();
      mayRespond.countDown();
      for (int i = 1; i < 3; i++) {
        Response response = client.response();
        assertThat(response.body()).contains("/" + i);
        assertThat(response.header("connection")).isNull();
      }
      Response last = client.response();
      assertThat(last.body()).contains("/3");
      assertThat(last.header("connection")).isEqualTo("close");
      assertThat(client.isEnded()).isTrue();
      stopped.get(20, TimeUnit.SECONDS);
      assertThat(rig.seen.outcomes)
          .extracting(each -> each.end())
          .containsOnly(RequestEnd.COMPLETED);
    }
  }

  @Test
  void a_running_request_of_the_gateway_gets_its_response_and_then_its_connection_ends()
      throws Exception {
    try (RawClient client = new RawClient(rig.port());
        RawClient other = new RawClient(rig.port())) {
      client.request("GET", "/gateway/held");
      assertThat(other.get("/").status()).isEqualTo(200);
      // Both heads were read by then, since the loops have been through since.
      rig.frontend.stopSoon();
      assertThat(other.get("/").header("connection")).isEqualTo("close");
      CompletableFuture<Void> stopped = rig.stop();
      rig.gatewayMayRespond.complete(null);
      assertThat(client.response().body()).startsWith("/gateway/held");
      assertThat(client.isEnded()).isTrue();
      stopped.get(20, TimeUnit.SECONDS);
    }
  }
}
