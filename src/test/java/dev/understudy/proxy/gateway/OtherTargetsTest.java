package dev.understudy.proxy.gateway;

import static dev.understudy.proxy.gateway.LaneApp.everything;
import static dev.understudy.testing.TestRoutes.route;
import static org.assertj.core.api.Assertions.assertThat;

import dev.understudy.testing.Await;
import dev.understudy.testing.RawClient;
import io.netty.handler.codec.http.DefaultHttpHeaders;
import io.netty.handler.codec.http.EmptyHttpHeaders;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.WebSocket;
import java.util.List;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import reactor.netty.DisposableServer;
import reactor.netty.http.server.HttpServer;

/** Routes to a target that is no pool, which the Gateway's own client asks. */
class OtherTargetsTest extends ScriptedLaneTable {
  private LaneApp target;

  @BeforeEach
  void lead_there() {
    target = SharedApplications.borrow();
    target.use(List.of(), everything());
    app.use(List.of(), route("plain", "http://127.0.0.1:" + target.port(), "Path=/**"));
  }

  @AfterEach
  void give_back() {
    SharedApplications.giveBack(target);
  }

  @Test
  void its_trailers_reach_the_client() {
    target.engine.script(
        call -> {
          call.downstream.head(ScriptedEngine.head(200));
          call.downstream.body(ScriptedEngine.text("x"));
          call.downstream.end(new DefaultHttpHeaders().add("X-Sum", "7"));
        });
    assertThat(get("/")).startsWith("HTTP/1.1 200").endsWith("0\r\nX-Sum: 7\r\n\r\n");
  }

  @Test
  void each_element_of_its_event_stream_leaves_at_once() {
    target.engine.script(
        call -> {
          call.downstream.head(ScriptedEngine.head(200, "Content-Type", "text/event-stream"));
          call.downstream.body(ScriptedEngine.text("data: 1\n\n"));
          call.downstream.flush();
        });
    try (RawClient client = connect()) {
      client.request("GET", "/");
      client.readUntil("data: 1\n\n");
      ScriptedEngine.Call call = target.engine.last();
      call.loop.execute(
          () -> {
            call.downstream.body(ScriptedEngine.text("data: 2\n\n"));
            call.downstream.end(EmptyHttpHeaders.INSTANCE);
            call.downstream.flush();
          });
      client.readUntil("data: 2\n\n");
    }
  }

  @Test
  void a_body_reaches_it() {
    assertThat(exchange("POST /p HTTP/1.1\nHost: a\nConnection: close\nContent-Length: 5\n\nhello"))
        .endsWith("/p\nhello");
  }

  /** A WebSocket by an HTTP/1.1 client through the proxy to an echo; what it received, in order. */
  private static final class Listening implements WebSocket.Listener {
    final BlockingQueue<String> received = new LinkedBlockingQueue<>();

    @Override
    public CompletionStage<?> onText(WebSocket socket, CharSequence text, boolean last) {
      received.add(text.toString());
      return WebSocket.Listener.super.onText(socket, text, last);
    }

    @Override
    public CompletionStage<?> onClose(WebSocket socket, int code, String reason) {
      received.add(code + " " + reason);
      return null;
    }
  }

  @ParameterizedTest
  @ValueSource(strings = {"ws", "http"})
  void messages_of_a_websocket_pass_in_both_directions_and_so_does_its_end(String scheme)
      throws Exception {
    DisposableServer echo =
        HttpServer.create()
            .host("127.0.0.1")
            .port(0)
            .route(
                routes ->
                    routes.ws(
                        "/**",
                        (in, out) ->
                            out.sendString(in.receive().asString().map(text -> "got " + text))))
            .bindNow();
    try (HttpClient client = HttpClient.newHttpClient()) {
      app.use(List.of(), route("plain", scheme + "://127.0.0.1:" + echo.port(), "Path=/**"));
      Listening listening = new Listening();
      WebSocket socket =
          client
              .newWebSocketBuilder()
              .buildAsync(URI.create("ws://127.0.0.1:" + app.port() + "/x"), listening)
              .join();
      socket.sendText("one", true).join();
      assertThat(listening.received.poll(20, TimeUnit.SECONDS)).isEqualTo("got one");
      socket.sendText("two", true).join();
      assertThat(listening.received.poll(20, TimeUnit.SECONDS)).isEqualTo("got two");
      socket.sendClose(WebSocket.NORMAL_CLOSURE, "bye").join();
      assertThat(listening.received.poll(20, TimeUnit.SECONDS)).startsWith("1000");
      Await.until("its end is told", () -> !app.ended.outcomes.isEmpty());
      assertThat(app.ended.outcomes).singleElement().matches(end -> end.status() == 101);
    } finally {
      echo.disposeNow();
    }
  }
}
