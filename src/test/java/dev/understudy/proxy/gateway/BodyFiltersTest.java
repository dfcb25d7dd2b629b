package dev.understudy.proxy.gateway;

import static dev.understudy.proxy.gateway.LaneApp.everything;
import static dev.understudy.testing.TestRoutes.route;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.understudy.testing.Await;
import dev.understudy.testing.RawClient;
import dev.understudy.traffic.RequestEnd;
import java.io.UncheckedIOException;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** The Gateway's filters that change bodies, or threads, on pool routes. */
class BodyFiltersTest extends ScriptedLaneTable {

  @Test
  void a_changed_request_body_reaches_the_engine() {
    app.use(List.of(), everything("Shout"));
    assertThat(
            exchange(
                "POST /p HTTP/1.1\nHost: a\nConnection: close\nContent-Type: text/plain\n"
                    + "Content-Length: 5\n\nhello"))
        .endsWith("/p\nHELLO");
  }

  @Test
  void a_client_that_waits_is_told_to_go_on_if_a_filter_wants_its_body() {
    app.use(List.of(), everything("Shout"));
    try (RawClient client = connect()) {
      client.sendLines(
          "POST /p HTTP/1.1\nHost: a\nConnection: close\nContent-Type: text/plain\n"
              + "Expect: 100-continue\nContent-Length: 5\n\n");
      assertThat(client.readUntil("\r\n\r\n")).startsWith("HTTP/1.1 100");
      assertThat(client.sendLines("hello").readAll()).startsWith("HTTP/1.1 200").endsWith("HELLO");
    }
    assertThat(last().request.headers().contains("Expect")).isFalse();
  }

  @ParameterizedTest
  @ValueSource(strings = {"Retry=2", "AddRequestParameter=k, v", "AddRequestHeader=X-More, 1"})
  void fields_whose_names_differ_in_letter_case_are_forwarded_once(String filter) {
    app.use(List.of(), route(filter, "pool://sense", "Path=/**", filter));
    get("/", "X-Thing: 1", "X-thing: 2");
    assertThat(last().request.headers().getAll("x-thing")).containsExactly("1", "2");
  }

  @Test
  void a_changed_response_reaches_the_client_with_its_new_length() {
    app.use(List.of(), everything("Wrap"));
    app.engine.script(
        call ->
            call.respond(
                ScriptedEngine.head(200, "Content-Type", "text/plain", "Content-Length", "4"),
                "body"));
    assertThat(get("/")).containsIgnoringCase("content-length: 6").endsWith("<body>");
  }

  @Test
  void a_response_that_breaks_before_a_filter_could_change_it_is_no_response() {
    app.use(List.of(), everything("Wrap"));
    app.engine.script(
        call -> {
          call.downstream.head(
              ScriptedEngine.head(200, "Content-Type", "text/plain", "Content-Length", "10"));
          call.downstream.body(ScriptedEngine.text("half"));
          call.downstream.flush();
          call.loop.execute(call.downstream::abort);
        });
    assertThat(untilReset()).isEmpty();
  }

  /** What a GET gets before its connection is reset. */
  private String untilReset() {
    try {
      return get("/");
    } catch (UncheckedIOException reset) {
      return "";
    }
  }

  @Test
  void a_filter_that_changes_threads_does_no_harm() {
    app.use(List.of(), everything("Hop"));
    for (int i = 0; i < 20; i++) {
      assertThat(
              exchange("POST /p HTTP/1.1\nHost: a\nConnection: close\nContent-Length: 5\n\nhello"))
          .endsWith("/p\nhello");
      assertThat(last().threads).singleElement().asString().startsWith("loop-");
    }
  }

  @Test
  void the_end_of_a_request_that_came_while_filters_ran_is_not_missed() {
    app.use(List.of(), everything("Hop"));
    String response =
        exchange(
            "POST /p HTTP/1.1\nHost: a\nConnection: close\nTransfer-Encoding: chunked\n"
                + "Trailer: X-Sum\n\n5\nhello\n0\nX-Sum: 7\n\n");
    assertThat(response).endsWith("/p\nhello");
    assertThat(last().trailers.get("X-Sum")).isEqualTo("7");
  }

  @Test
  void for_a_client_that_went_while_filters_ran_no_engine_begins() {
    app.use(List.of(), everything("LoseClient"));
    app.ended.outcomes.clear();
    assertThat(untilReset()).isEmpty();
    Await.until("its end is told", () -> !app.ended.outcomes.isEmpty());
    assertThat(app.ended.outcomes).singleElement().matches(o -> o.end() == RequestEnd.CLIENT_GONE);
    assertThat(app.engine.calls).isEmpty();
  }

  @Test
  void a_body_that_fails_in_a_filter_ends_the_exchange_with_an_error_response() {
    app.use(List.of(), everything("Spoil"));
    assertThat(exchange("POST /p HTTP/1.1\nHost: a\nConnection: close\nContent-Length: 5\n\nhello"))
        .startsWith("HTTP/1.1 413");
    assertThat(last().gone).isTrue();
  }

  @Test
  void a_body_that_fails_in_a_filter_breaks_off_a_response_that_has_begun() {
    app.use(List.of(), everything("Spoil"));
    app.engine.script(
        call -> {
          call.downstream.head(ScriptedEngine.head(200));
          call.downstream.body(ScriptedEngine.text("half"));
        });
    try (RawClient client = connect()) {
      client.sendLines("POST /p HTTP/1.1\nHost: a\nContent-Length: 5\n\nhello").readUntil("half");
      ScriptedEngine.Call call = last();
      call.loop.execute(call.downstream::requestRead);
      call.loop.execute(call.downstream::requestRead);
      assertThatThrownBy(client::readAll).hasMessageContaining("reset");
      assertThat(call.gone).isTrue();
    }
  }

  @Test
  void a_retry_filter_makes_a_new_try_and_ends_the_one_before() {
    // A route of its own: the Gateway goes on keeping bodies for its id.
    app.use(
        List.of(),
        route("retried", "pool://sense", "Path=/**", "Retry=2,INTERNAL_SERVER_ERROR,GET"));
    app.engine.script(
        call ->
            call.respond(
                ScriptedEngine.head(
                    app.engine.calls.size() == 1 ? 500 : 200,
                    "Content-Length",
                    "6",
                    "X-Try",
                    "" + app.engine.calls.size()),
                "answer"));
    assertThat(get("/"))
        .startsWith("HTTP/1.1 200")
        .contains("X-Try: 2")
        .doesNotContain("X-Try: 1")
        .endsWith("answer");
  }
}
