package dev.understudy.proxy.gateway;

import static dev.understudy.proxy.gateway.LaneApp.everything;
import static dev.understudy.testing.RawClient.get;
import static dev.understudy.testing.TestRoutes.route;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.tuple;

import dev.understudy.proxy.http.ProxyRequest;
import dev.understudy.testing.Await;
import dev.understudy.testing.RawClient;
import io.netty.buffer.Unpooled;
import io.netty.handler.codec.http.DefaultHttpHeaders;
import io.netty.handler.codec.http.EmptyHttpHeaders;
import java.io.IOException;
import java.util.List;
import java.util.concurrent.atomic.AtomicLong;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class GatewayLaneConfigurationTest {
  private static LaneApp app;

  @BeforeAll
  static void start() {
    app = LaneApp.start();
  }

  @AfterAll
  static void stop() {
    app.close();
  }

  @BeforeEach
  void fresh() {
    app.use(List.of(), everything());
    app.engine.script(ScriptedEngine.Call::echo);
    app.ended.outcomes.clear();
  }

  @Test
  void the_engine_gets_the_request_as_it_came() throws IOException {
    get(app.port(), "/a/b?c=d", "Host: Master.Domain.com:8080", "X-Thing: 1", "X-thing: 2");
    ProxyRequest request = app.engine.last().request;
    assertThat(request.route().id()).isEqualTo("all");
    assertThat(request.pool().value()).isEqualTo("sense");
    assertThat(request.target()).isEqualTo("/a/b?c=d");
    assertThat(request.headers().get("Host")).isEqualTo("Master.Domain.com:8080");
    assertThat(request.headers().getAll("x-thing")).containsExactly("1", "2");
    assertThat(request.body()).isFalse();
    assertThat(request.client().tls()).isFalse();
    assertThat(request.client().localPort()).isEqualTo(app.port());
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "/a?x={y}|^`",
        "/a?x=%zz&y=%",
        "//double//slash",
        "/%7Euser/%2e%2E/x",
        "/a/./b/../c",
        "/a;p=1,2?q=%20+",
        "/a?x=[1]&y=\"<>\""
      })
  void a_target_goes_to_the_engine_byte_for_byte(String target) throws IOException {
    assertThat(get(app.port(), target)).startsWith("HTTP/1.1 200");
    assertThat(app.engine.last().request.target()).isEqualTo(target);
  }

  @Test
  void pipelined_requests_keep_their_own_targets_and_hosts() throws IOException {
    try (RawClient client = new RawClient(app.port())) {
      client.sendLines(
          "GET /%61 HTTP/1.1\nHost: a.test:\n\n"
              + "GET http://b.test/b//?x HTTP/1.1\nHost: ignored.test\n\n"
              + "GET /c/../d HTTP/1.1\nHost: c.test\nConnection: close\n\n");
      client.readAll();
    }
    assertThat(app.engine.calls.stream().map(call -> call.request))
        .extracting(ProxyRequest::target, ProxyRequest::clientTarget, ProxyRequest::clientHost)
        .containsExactly(
            tuple("/%61", "/%61", "a.test:"),
            tuple("/b//?x", "http://b.test/b//?x", "b.test"),
            tuple("/c/../d", "/c/../d", "c.test"));
  }

  @Test
  void header_fields_replace_neither_target_nor_host_nor_expectation() throws IOException {
    get(
        app.port(),
        "/a/../b",
        "Host: a.test",
        "Understudy-Original-Target: /x",
        "Understudy-Client-Target: /x",
        "Understudy-Original-Host: x:",
        "Understudy-Expects-Continue: 1");
    ProxyRequest request = app.engine.last().request;
    assertThat(request.target()).isEqualTo("/a/../b");
    assertThat(request.clientTarget()).isEqualTo("/a/../b");
    assertThat(request.clientHost()).isEqualTo("a.test");
    assertThat(request.headers().get("Host")).isEqualTo("a.test");
    assertThat(request.headers().contains("Expect")).isFalse();
  }

  @ParameterizedTest
  @CsvSource({"/x/../admin", "/%61dmin", "/./admin", "/x/%2e%2e/admin"})
  void routes_match_on_the_normalised_path(String target) throws IOException {
    app.use(List.of(), route("admin", "pool://admin", "Path=/admin"), everything());
    get(app.port(), target);
    assertThat(app.engine.last().request.route().id()).isEqualTo("admin");
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "GET /x HTTP/1.1",
        "GET /x HTTP/1.1|Host: a|Host: a",
        "GET /x HTTP/1.1|Host: a|Host: b",
        "GET /x HTTP/1.0|Host: a|Host: b",
        "GET /x HTTP/1.1|Host:",
        "GET /x HTTP/1.1|Host: a b",
        "GET /caf\u00e9 HTTP/1.1|Host: a",
        "GET /x HTTP/1.1|Host: a/b",
        "GET /x HTTP/1.1|Host: user@a",
        "GET /x#y HTTP/1.1|Host: a",
        "GET x HTTP/1.1|Host: a",
        "GET x?y=://b/c HTTP/1.1|Host: a",
        "GET ftp://a/b HTTP/1.1|Host: a",
        "GET * HTTP/1.1|Host: a"
      })
  void an_ambiguous_request_is_refused(String request) throws IOException {
    app.use(List.of(), everything());
    assertThat(RawClient.exchange(app.port(), request.replace('|', '\n') + "\n\n"))
        .startsWith("HTTP/1.1 400");
    assertThat(app.engine.calls).isEmpty();
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "GET /x HTTP/1.0",
        "GET /x HTTP/1.0|Host: a_b.test:8080",
        "GET HTTP://a/x HTTP/1.1|Host: a",
        "OPTIONS * HTTP/1.1|Host: a",
        "GET /x HTTP/1.1|Host: [::1]:80"
      })
  void an_unusual_but_unambiguous_request_is_not_refused(String request) throws IOException {
    app.use(List.of(), everything());
    assertThat(
            RawClient.exchange(
                app.port(),
                request.replace("|", "\nConnection: close\n")
                    + (request.contains("|") ? "\n\n" : "\nConnection: close\n\n")))
        .startsWith("HTTP/1.1 200");
  }

  @Test
  void a_target_in_absolute_form_is_forwarded_in_origin_form() throws IOException {
    get(app.port(), "http://a.test/x/y?z");
    assertThat(app.engine.last().request.target()).isEqualTo("/x/y?z");
  }

  @Test
  void a_part_of_the_target_that_no_filter_changed_stays_as_it_came() throws IOException {
    app.use(List.of(), everything("StripPrefix=1"));
    get(app.port(), "/api/a//b?x={1}|");
    assertThat(app.engine.last().request.target()).isEqualTo("/a/b?x={1}|");
    app.use(List.of(), everything("AddRequestParameter=k, v"));
    get(app.port(), "/%7Ea/b?x=1");
    assertThat(app.engine.last().request.target()).isEqualTo("/%7Ea/b?x=1&k=v");
  }

  @Test
  void filters_change_request_headers_and_responses() throws IOException {
    app.use(
        List.of("AddRequestHeader=X-Default, 1", "AddResponseHeader=X-Out, 2"),
        everything(
            "SetRequestHeader=Host, other.test", "SetStatus=202", "RemoveRequestHeader=X-No"));
    String response = get(app.port(), "/", "X-No: 1");
    ProxyRequest request = app.engine.last().request;
    assertThat(request.headers().get("X-Default")).isEqualTo("1");
    assertThat(request.headers().getAll("Host")).containsExactly("other.test");
    assertThat(request.headers().contains("X-No")).isFalse();
    assertThat(response).startsWith("HTTP/1.1 202").containsIgnoringCase("X-Out: 2");
  }

  @Test
  void a_client_that_expects_100_continue_gets_the_servers_own_once() throws IOException {
    app.engine.script(
        call -> {
          call.downstream.informational(ScriptedEngine.head(100));
          call.echo();
        });
    try (RawClient client = new RawClient(app.port())) {
      client.sendLines(
          "POST / HTTP/1.1\nHost: a\nExpect: 100-continue\nContent-Length: 2\n"
              + "Connection: close\n\n");
      client.readUntil("\r\n\r\n");
      assertThat(client.sendLines("hi").readAll()).startsWith("HTTP/1.1 200").endsWith("/\nhi");
    }
  }

  @Test
  void a_client_without_100_continue_is_told_to_close() throws IOException {
    app.engine.script(call -> call.respond(413, "no"));
    try (RawClient client = new RawClient(app.port())) {
      client.sendLines("POST / HTTP/1.1\nHost: a\nExpect: 100-continue\nContent-Length: 2\n\n");
      assertThat(client.readAll())
          .startsWith("HTTP/1.1 413")
          .containsIgnoringCase("connection: close")
          .endsWith("no");
    }
  }

  @Test
  void a_client_that_sent_its_body_without_waiting_keeps_its_connection() throws IOException {
    try (RawClient client = new RawClient(app.port())) {
      for (int i = 0; i < 2; i++) {
        client.sendLines("POST / HTTP/1.1\nHost: a\nExpect: 100-continue\nContent-Length: 2\n\nhi");
        assertThat(client.readUntil("/\nhi")).doesNotContainIgnoringCase("connection: close");
      }
    }
  }

  @Test
  void a_body_without_length_arrives_whole() throws IOException {
    String response =
        RawClient.exchange(
            app.port(),
            "POST /c HTTP/1.1\nHost: a\nTransfer-Encoding: chunked\nConnection: close\n\n"
                + "3\nabc\n2\nde\n0\n\n");
    assertThat(response).endsWith("/c\nabcde");
  }

  @Test
  void the_head_goes_out_before_the_first_byte_of_the_body() throws IOException {
    app.engine.script(call -> call.downstream.head(ScriptedEngine.head(200, "X-Early", "1")));
    try (RawClient client = new RawClient(app.port())) {
      client.sendLines("GET / HTTP/1.1\nHost: a\n\n");
      assertThat(client.readUntil("\r\n\r\n")).contains("X-Early: 1");
      ScriptedEngine.Call call = app.engine.last();
      call.loop.execute(() -> call.downstream.body(ScriptedEngine.text("late")));
      client.readUntil("late");
      call.loop.execute(() -> call.downstream.end(EmptyHttpHeaders.INSTANCE));
      client.readUntil("0\r\n\r\n");
    }
  }

  @Test
  void a_connection_serves_one_request_after_the_other() throws IOException {
    try (RawClient client = new RawClient(app.port())) {
      for (int i = 0; i < 5; i++) {
        client.sendLines("POST /" + i + " HTTP/1.1\nHost: a\nContent-Length: 1\n\nx");
        client.readUntil("/" + i + "\nx");
      }
    }
  }

  @Test
  void head_204_and_304_have_no_body_and_keep_the_connection() throws IOException {
    try (RawClient client = new RawClient(app.port())) {
      app.engine.script(
          call -> call.respond(ScriptedEngine.head(200, "Content-Length", "1000"), ""));
      client.sendLines("HEAD / HTTP/1.1\nHost: a\n\n");
      assertThat(client.readUntil("\r\n\r\n")).containsIgnoringCase("content-length: 1000");
      app.engine.script(call -> call.respond(ScriptedEngine.head(204), ""));
      client.sendLines("GET / HTTP/1.1\nHost: a\n\n");
      assertThat(client.readUntil("\r\n\r\n")).doesNotContainIgnoringCase("transfer-encoding");
      app.engine.script(call -> call.respond(ScriptedEngine.head(304, "ETag", "\"e\""), ""));
      client.sendLines("GET / HTTP/1.1\nHost: a\n\n");
      assertThat(client.readUntil("\r\n\r\n")).contains("ETag");
      app.engine.script(ScriptedEngine.Call::echo);
      client.sendLines("GET /z HTTP/1.1\nHost: a\nConnection: close\n\n");
      assertThat(client.readAll()).startsWith("HTTP/1.1 200").endsWith("/z");
    }
  }

  @Test
  void an_old_client_gets_a_body_that_ends_with_the_connection() throws IOException {
    app.engine.script(call -> call.respond(ScriptedEngine.head(200), "whole"));
    assertThat(RawClient.exchange(app.port(), "GET / HTTP/1.0\nHost: a\n\n"))
        .doesNotContainIgnoringCase("transfer-encoding")
        .endsWith("\r\n\r\nwhole");
  }

  @Test
  void an_old_client_that_asks_for_it_keeps_its_connection() throws IOException {
    try (RawClient client = new RawClient(app.port())) {
      for (int i = 0; i < 3; i++) {
        client.sendLines("GET /" + i + " HTTP/1.0\nHost: a\nConnection: Keep-Alive\n\n");
        assertThat(client.readUntil("\r\n\r\n/" + i))
            .containsIgnoringCase("connection: keep-alive");
      }
    }
  }

  @Test
  void an_old_client_keeps_its_connection_after_a_response_without_content() throws IOException {
    app.engine.script(call -> call.respond(ScriptedEngine.head(204), ""));
    try (RawClient client = new RawClient(app.port())) {
      for (int i = 0; i < 2; i++) {
        client.sendLines("GET / HTTP/1.0\nHost: a\nConnection: Keep-Alive\n\n");
        assertThat(client.readUntil("\r\n\r\n")).containsIgnoringCase("connection: keep-alive");
      }
    }
  }

  @Test
  void trailers_follow_a_chunked_body() throws IOException {
    app.engine.script(
        call -> {
          call.downstream.head(ScriptedEngine.head(200));
          call.downstream.body(ScriptedEngine.text("x"));
          call.downstream.end(
              new DefaultHttpHeaders().add("X-Sum", "7").add("Content-Length", "9"));
        });
    assertThat(get(app.port(), "/")).endsWith("0\r\nX-Sum: 7\r\n\r\n");
  }

  @Test
  void early_hints_reach_the_client_before_the_response() throws IOException {
    app.engine.script(
        call -> {
          call.downstream.informational(ScriptedEngine.head(103, "Link", "</a.css>"));
          call.respond(200, "ok");
        });
    assertThat(get(app.port(), "/"))
        .startsWith("HTTP/1.1 103 Early Hints\r\nLink: </a.css>\r\n\r\nHTTP/1.1 200");
  }

  @Test
  void a_response_that_breaks_is_reset_and_never_looks_whole() throws IOException {
    app.engine.script(
        call -> {
          call.downstream.head(ScriptedEngine.head(200));
          call.downstream.body(ScriptedEngine.text("half"));
        });
    try (RawClient client = new RawClient(app.port())) {
      client.sendLines("GET / HTTP/1.0\nHost: a\n\n").readUntil("half");
      ScriptedEngine.Call call = app.engine.last();
      call.loop.execute(call.downstream::abort);
      assertThatThrownBy(client::readAll).hasMessageContaining("reset");
    }
  }

  @Test
  void a_client_that_disconnects_while_waiting_is_noticed() throws IOException {
    app.engine.script(call -> {});
    try (RawClient client = new RawClient(app.port())) {
      client.sendLines("GET / HTTP/1.1\nHost: a\n\n");
      Await.until("the request is there", () -> !app.engine.calls.isEmpty());
      client.socket().setSoLinger(true, 0);
    }
    Await.until("the engine is told", () -> app.engine.last().gone.get());
  }

  @Test
  void a_client_that_disconnects_during_its_own_body_is_noticed() throws IOException {
    try (RawClient client = new RawClient(app.port())) {
      client.sendLines("POST / HTTP/1.1\nHost: a\nContent-Length: 100\n\nfew");
      Await.until(
          "some came", () -> !app.engine.calls.isEmpty() && app.engine.last().received.get() == 3);
    }
    Await.until("the engine is told", () -> app.engine.last().gone.get());
  }

  @Test
  void a_client_that_disconnects_during_the_response_is_noticed() throws IOException {
    app.engine.script(
        call -> {
          call.downstream.head(ScriptedEngine.head(200));
          call.downstream.body(ScriptedEngine.text("half"));
        });
    try (RawClient client = new RawClient(app.port())) {
      client.sendLines("GET / HTTP/1.1\nHost: a\n\n").readUntil("half");
      client.socket().setSoLinger(true, 0);
    }
    Await.until("the engine is told", () -> app.engine.last().gone.get());
  }

  @Test
  void a_slow_client_stops_the_response() throws IOException {
    AtomicLong sent = new AtomicLong();
    int piece = 16 * 1024;
    long total = 64L * 1024 * 1024;
    app.engine.script(
        call -> {
          Runnable pump =
              () -> {
                while (sent.get() < total && call.downstream.isWritable()) {
                  sent.addAndGet(piece);
                  call.downstream.body(Unpooled.wrappedBuffer(new byte[piece]));
                  if (sent.get() == total) {
                    call.downstream.end(EmptyHttpHeaders.INSTANCE);
                  }
                }
              };
          call.onWritable = pump;
          call.downstream.head(ScriptedEngine.head(200, "Content-Length", "" + total));
          call.downstream.flush();
          pump.run();
        });
    try (RawClient client = new RawClient(app.port())) {
      client.sendLines("GET / HTTP/1.1\nHost: a\nConnection: close\n\n").readUntil("\r\n\r\n");
      Await.until("it stands still", () -> standsStill(sent));
      assertThat(sent.get()).isLessThan(total / 2);
      long rest = 0;
      byte[] buffer = new byte[65536];
      for (int n = client.in().read(buffer); n > 0; n = client.in().read(buffer)) {
        rest += n;
      }
      assertThat(rest).isEqualTo(total);
    }
  }

  @Test
  void a_head_does_not_wait_for_a_body_that_is_not_there_yet() throws IOException {
    app.use(List.of(), everything());
    app.engine.script(
        call -> {
          call.downstream.head(ScriptedEngine.head(200, "Content-Length", "4", "X-Early", "1"));
          call.downstream.flush();
        });
    try (RawClient client = new RawClient(app.port())) {
      assertThat(client.sendLines("GET / HTTP/1.1\nHost: a\n\n").readUntil("\r\n\r\n"))
          .contains("X-Early");
      ScriptedEngine.Call call = app.engine.last();
      call.loop.execute(
          () -> {
            call.downstream.body(ScriptedEngine.text("late"));
            call.downstream.end(EmptyHttpHeaders.INSTANCE);
          });
      assertThat(client.readUntil("late")).endsWith("late");
    }
  }

  private static boolean standsStill(AtomicLong counter) {
    long before = counter.get();
    for (int i = 0; i < 40; i++) {
      java.util.concurrent.locks.LockSupport.parkNanos(5_000_000);
    }
    return before > 0 && counter.get() == before;
  }

  @Test
  void a_body_that_the_engine_does_not_ask_for_waits_at_the_client() throws Exception {
    app.engine.script(
        call -> {
          call.onBody = data -> data.release();
          call.downstream.requestRead();
        });
    long total = 64L * 1024 * 1024;
    AtomicLong sent = new AtomicLong();
    try (RawClient client = new RawClient(app.port())) {
      client.sendLines(
          "POST / HTTP/1.1\nHost: a\nConnection: close\nContent-Length: " + total + "\n\n");
      Thread writer =
          Thread.ofPlatform()
              .start(
                  () -> {
                    try {
                      byte[] piece = new byte[65536];
                      while (sent.get() < total) {
                        client.socket().getOutputStream().write(piece);
                        sent.addAndGet(piece.length);
                      }
                    } catch (IOException closed) {
                      sent.set(-1);
                    }
                  });
      Await.until("the request is there", () -> !app.engine.calls.isEmpty());
      Await.until("it stands still", () -> standsStill(sent));
      assertThat(sent.get()).isBetween(1L, total / 2);
      ScriptedEngine.Call call = app.engine.last();
      call.onBody =
          data -> {
            data.release();
            call.downstream.requestRead();
          };
      call.onEnd = () -> call.respond(200, "done");
      call.loop.execute(call.downstream::requestRead);
      assertThat(client.readAll()).endsWith("done");
      writer.join();
      assertThat(call.received.get()).isEqualTo(total);
    }
  }

  @Test
  void everything_happens_on_the_channels_own_loop() throws IOException {
    get(app.port(), "/");
    ScriptedEngine.Call call = app.engine.last();
    assertThat(call.threads).singleElement().asString().startsWith("loop-");
    assertThat(call.loop.inEventLoop()).isFalse();
  }
}
