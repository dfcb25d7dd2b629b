package dev.understudy.proxy.gateway;

import static dev.understudy.proxy.gateway.LaneApp.everything;
import static dev.understudy.testing.TestRoutes.route;
import static org.assertj.core.api.Assertions.assertThat;

import dev.understudy.proxy.http.ProxyRequest;
import dev.understudy.testing.RawClient;
import io.netty.handler.codec.http.DefaultHttpHeaders;
import io.netty.handler.codec.http.EmptyHttpHeaders;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/**
 * What the engine gets of requests in the Gateway lane, and clients of its responses, beside the
 * tables of both lanes.
 */
class GatewayLaneConfigurationTest extends ScriptedLaneTable {
  @ParameterizedTest
  @CsvSource({"/x/../admin", "/%61dmin", "/./admin", "/x/%2e%2e/admin"})
  void routes_match_on_the_normalised_path(String target) {
    app.use(List.of(), route("admin", "pool://admin", "Path=/admin"), everything());
    get(target);
    assertThat(last().request.route().id()).isEqualTo("admin");
  }

  @Test
  void a_part_of_the_target_that_no_filter_changed_stays_as_it_came() {
    app.use(List.of(), everything("StripPrefix=1"));
    get("/api/a//b?x={1}|");
    assertThat(last().request.target()).isEqualTo("/a/b?x={1}|");
    app.use(List.of(), everything("AddRequestParameter=k, v"));
    get("/%7Ea/b?x=1");
    assertThat(last().request.target()).isEqualTo("/%7Ea/b?x=1&k=v");
  }

  @Test
  void filters_change_request_headers_and_responses() {
    app.use(
        List.of("AddRequestHeader=X-Default, 1", "AddResponseHeader=X-Out, 2"),
        everything(
            "SetRequestHeader=Host, other.test", "SetStatus=202", "RemoveRequestHeader=X-No"));
    String response = get("/", "X-No: 1");
    ProxyRequest request = last().request;
    assertThat(request.headers().get("X-Default")).isEqualTo("1");
    assertThat(request.headers().getAll("Host")).containsExactly("other.test");
    assertThat(request.headers().contains("X-No")).isFalse();
    assertThat(response).startsWith("HTTP/1.1 202").containsIgnoringCase("X-Out: 2");
  }

  @Test
  void a_client_that_sent_its_body_without_waiting_keeps_its_connection() {
    try (RawClient client = connect()) {
      for (int i = 0; i < 2; i++) {
        client.sendLines("POST / HTTP/1.1\nHost: a\nExpect: 100-continue\nContent-Length: 2\n\nhi");
        assertThat(client.readUntil("/\nhi")).doesNotContainIgnoringCase("connection: close");
      }
    }
  }

  @ParameterizedTest
  @CsvSource({"Content-Length, 4", "X-Chunked, 1"})
  void a_head_does_not_wait_for_a_body_that_is_not_there_yet(String name, String value) {
    app.engine.script(
        call -> {
          call.downstream.head(ScriptedEngine.head(200, name, value, "X-Early", "1"));
          call.downstream.flush();
        });
    try (RawClient client = connect()) {
      assertThat(client.sendLines("GET / HTTP/1.1\nHost: a\n\n").readUntil("\r\n\r\n"))
          .contains("X-Early: 1");
      ScriptedEngine.Call call = last();
      call.loop.execute(() -> call.downstream.body(ScriptedEngine.text("late")));
      client.readUntil("late");
      call.loop.execute(() -> call.downstream.end(EmptyHttpHeaders.INSTANCE));
      if (!name.equals("Content-Length")) {
        client.readUntil("0\r\n\r\n");
      }
    }
  }

  @Test
  void a_client_that_stops_in_its_body_after_its_response_is_cut_off() {
    app.engine.script(call -> call.respond(200, "early"));
    try (RawClient client = connect()) {
      client.sendLines("POST /x HTTP/1.1\nHost: a\nContent-Length: 100\n\nabc");
      assertThat(client.readUntil("early")).startsWith("HTTP/1.1 200");
      assertThat(client.readAll()).isEmpty();
    }
  }

  /** With a body, and without. */
  @Test
  void an_old_client_that_asks_for_it_keeps_its_connection() {
    try (RawClient client = connect()) {
      for (int i = 0; i < 4; i++) {
        String body = i % 2 == 0 ? "/" + i : "";
        int status = body.isEmpty() ? 204 : 200;
        app.engine.script(
            call -> {
              if (body.isEmpty()) {
                call.respond(ScriptedEngine.head(204), "");
              } else {
                call.echo();
              }
            });
        client.sendLines("GET /" + i + " HTTP/1.0\nHost: a\nConnection: Keep-Alive\n\n");
        assertThat(client.readUntil("\r\n\r\n" + body))
            .startsWith("HTTP/1.1 " + status)
            .containsIgnoringCase("connection: keep-alive");
      }
    }
  }

  @Test
  void trailers_follow_a_chunked_body() {
    app.engine.script(
        call -> {
          call.downstream.head(ScriptedEngine.head(200));
          call.downstream.body(ScriptedEngine.text("x"));
          call.downstream.end(
              new DefaultHttpHeaders().add("X-Sum", "7").add("Content-Length", "9"));
        });
    assertThat(get("/")).endsWith("0\r\nX-Sum: 7\r\n\r\n");
  }
}
