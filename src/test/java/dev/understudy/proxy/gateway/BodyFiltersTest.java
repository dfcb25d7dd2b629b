package dev.understudy.proxy.gateway;

import static dev.understudy.proxy.gateway.LaneApp.everything;
import static dev.understudy.testing.RawClient.get;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.understudy.testing.Await;
import dev.understudy.testing.RawClient;
import dev.understudy.traffic.RequestEnd;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.util.List;
import java.util.Locale;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.springframework.cloud.gateway.filter.GatewayFilter;
import org.springframework.cloud.gateway.filter.factory.AbstractGatewayFilterFactory;
import org.springframework.cloud.gateway.filter.factory.rewrite.ModifyRequestBodyGatewayFilterFactory;
import org.springframework.cloud.gateway.filter.factory.rewrite.ModifyResponseBodyGatewayFilterFactory;
import org.springframework.core.io.buffer.DataBuffer;
import org.springframework.core.io.buffer.DataBufferLimitException;
import org.springframework.http.server.reactive.ServerHttpRequest;
import org.springframework.http.server.reactive.ServerHttpRequestDecorator;
import org.springframework.web.server.ServerWebExchange;
import reactor.core.publisher.Flux;
import reactor.core.publisher.Mono;
import reactor.core.scheduler.Schedulers;

/** The Gateway's filters that change bodies, or threads, on pool routes. */
class BodyFiltersTest {
  private static LaneApp app;

  static class ShoutGatewayFilterFactory extends AbstractGatewayFilterFactory<Object> {
    private final ModifyRequestBodyGatewayFilterFactory delegate;

    ShoutGatewayFilterFactory(ModifyRequestBodyGatewayFilterFactory delegate) {
      super(Object.class);
      this.delegate = delegate;
    }

    @Override
    public GatewayFilter apply(Object config) {
      return delegate.apply(
          c ->
              c.setRewriteFunction(
                  String.class,
                  String.class,
                  (exchange, body) -> Mono.just(body.toUpperCase(Locale.ROOT))));
    }
  }

  static class WrapGatewayFilterFactory extends AbstractGatewayFilterFactory<Object> {
    private final ModifyResponseBodyGatewayFilterFactory delegate;

    WrapGatewayFilterFactory(ModifyResponseBodyGatewayFilterFactory delegate) {
      super(Object.class);
      this.delegate = delegate;
    }

    @Override
    public GatewayFilter apply(Object config) {
      return delegate.apply(
          c ->
              c.setRewriteFunction(
                  String.class, String.class, (exchange, body) -> Mono.just("<" + body + ">")));
    }
  }

  static class HopGatewayFilterFactory extends AbstractGatewayFilterFactory<Object> {
    HopGatewayFilterFactory() {
      super(Object.class);
    }

    @Override
    public GatewayFilter apply(Object config) {
      return (exchange, chain) ->
          Mono.just(1)
              .publishOn(Schedulers.parallel())
              .flatMap(x -> chain.filter(exchange))
              .publishOn(Schedulers.parallel());
    }
  }

  /** Whose client has gone when it is done. */
  static class LoseClientGatewayFilterFactory extends AbstractGatewayFilterFactory<Object> {
    LoseClientGatewayFilterFactory() {
      super(Object.class);
    }

    @Override
    public GatewayFilter apply(Object config) {
      return (exchange, chain) -> {
        var unused = GatewayLaneRequest.of(exchange).channel.close();
        return chain.filter(exchange);
      };
    }
  }

  /** Lets a body begin, and then fails. */
  static class SpoilGatewayFilterFactory extends AbstractGatewayFilterFactory<Object> {
    SpoilGatewayFilterFactory() {
      super(Object.class);
    }

    @Override
    public GatewayFilter apply(Object config) {
      return (exchange, chain) -> chain.filter(exchange.mutate().request(spoilt(exchange)).build());
    }

    private static ServerHttpRequest spoilt(ServerWebExchange exchange) {
      return new ServerHttpRequestDecorator(exchange.getRequest()) {
        @Override
        public Flux<DataBuffer> getBody() {
          return super.getBody()
              .take(1)
              .concatWith(Flux.error(new DataBufferLimitException("too much for this filter")));
        }
      };
    }
  }

  @BeforeAll
  static void start() {
    app =
        LaneApp.start(
            new Class<?>[] {
              ShoutGatewayFilterFactory.class,
              WrapGatewayFilterFactory.class,
              HopGatewayFilterFactory.class,
              LoseClientGatewayFilterFactory.class,
              SpoilGatewayFilterFactory.class
            });
  }

  @AfterAll
  static void stop() {
    app.close();
  }

  @BeforeEach
  void fresh() {
    app.engine.script(ScriptedEngine.Call::echo);
  }

  @Test
  void a_changed_request_body_reaches_the_engine() throws IOException {
    app.use(List.of(), everything("Shout"));
    assertThat(
            RawClient.exchange(
                app.port(),
                "POST /p HTTP/1.1\nHost: a\nConnection: close\nContent-Type: text/plain\n"
                    + "Content-Length: 5\n\nhello"))
        .endsWith("/p\nHELLO");
  }

  @Test
  void a_client_that_waits_is_told_to_go_on_if_a_filter_wants_its_body() throws IOException {
    app.use(List.of(), everything("Shout"));
    try (RawClient client = new RawClient(app.port())) {
      client.sendLines(
          "POST /p HTTP/1.1\nHost: a\nConnection: close\nContent-Type: text/plain\n"
              + "Expect: 100-continue\nContent-Length: 5\n\n");
      assertThat(client.readUntil("\r\n\r\n")).startsWith("HTTP/1.1 100");
      assertThat(client.sendLines("hello").readAll()).startsWith("HTTP/1.1 200").endsWith("HELLO");
    }
    assertThat(app.engine.last().request.headers().contains("Expect")).isFalse();
  }

  @Test
  void a_changed_response_reaches_the_client_with_its_new_length() throws IOException {
    app.use(List.of(), everything("Wrap"));
    app.engine.script(
        call ->
            call.respond(
                ScriptedEngine.head(200, "Content-Type", "text/plain", "Content-Length", "4"),
                "body"));
    assertThat(get(app.port(), "/")).containsIgnoringCase("content-length: 6").endsWith("<body>");
  }

  @Test
  void a_response_that_breaks_before_a_filter_could_change_it_is_no_response() throws IOException {
    app.use(List.of(), everything("Wrap"));
    app.engine.script(
        call -> {
          call.downstream.head(
              ScriptedEngine.head(200, "Content-Type", "text/plain", "Content-Length", "10"));
          call.downstream.body(ScriptedEngine.text("half"));
          call.downstream.flush();
          call.loop.execute(call.downstream::abort);
        });
    String response;
    try {
      response = get(app.port(), "/");
    } catch (UncheckedIOException reset) {
      response = "";
    }
    assertThat(response).isEmpty();
  }

  @Test
  void a_filter_that_changes_threads_does_no_harm() throws IOException {
    app.use(List.of(), everything("Hop"));
    for (int i = 0; i < 20; i++) {
      assertThat(
              RawClient.exchange(
                  app.port(),
                  "POST /p HTTP/1.1\nHost: a\nConnection: close\nContent-Length: 5\n\nhello"))
          .endsWith("/p\nhello");
      assertThat(app.engine.last().threads).singleElement().asString().startsWith("loop-");
    }
  }

  @Test
  void the_end_of_a_request_that_came_while_filters_ran_is_not_missed() throws IOException {
    app.use(List.of(), everything("Hop"));
    String response =
        RawClient.exchange(
            app.port(),
            "POST /p HTTP/1.1\nHost: a\nConnection: close\nTransfer-Encoding: chunked\n"
                + "Trailer: X-Sum\n\n5\nhello\n0\nX-Sum: 7\n\n");
    assertThat(response).endsWith("/p\nhello");
    assertThat(app.engine.last().trailers.get("X-Sum")).isEqualTo("7");
  }

  @Test
  void for_a_client_that_went_while_filters_ran_no_engine_begins() throws IOException {
    app.use(List.of(), everything("LoseClient"));
    app.ended.outcomes.clear();
    assertThat(get(app.port(), "/")).isEmpty();
    Await.until("its end is told", () -> !app.ended.outcomes.isEmpty());
    assertThat(app.ended.outcomes).singleElement().matches(o -> o.end() == RequestEnd.CLIENT_GONE);
    assertThat(app.engine.calls).isEmpty();
  }

  @Test
  void a_body_that_fails_in_a_filter_ends_the_exchange_with_an_error_response() throws IOException {
    app.use(List.of(), everything("Spoil"));
    assertThat(
            RawClient.exchange(
                app.port(),
                "POST /p HTTP/1.1\nHost: a\nConnection: close\nContent-Length: 5\n\nhello"))
        .startsWith("HTTP/1.1 413");
    assertThat(app.engine.last().gone).isTrue();
  }

  @Test
  void a_body_that_fails_in_a_filter_breaks_off_a_response_that_has_begun() throws IOException {
    app.use(List.of(), everything("Spoil"));
    app.engine.script(
        call -> {
          call.downstream.head(ScriptedEngine.head(200));
          call.downstream.body(ScriptedEngine.text("half"));
        });
    try (RawClient client = new RawClient(app.port())) {
      client.sendLines("POST /p HTTP/1.1\nHost: a\nContent-Length: 5\n\nhello").readUntil("half");
      ScriptedEngine.Call call = app.engine.last();
      call.loop.execute(call.downstream::requestRead);
      call.loop.execute(call.downstream::requestRead);
      assertThatThrownBy(client::readAll).hasMessageContaining("reset");
      assertThat(call.gone).isTrue();
    }
  }

  @Test
  void a_retry_filter_makes_a_new_try_and_ends_the_one_before() throws IOException {
    app.use(List.of(), everything("Retry=2,INTERNAL_SERVER_ERROR,GET"));
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
    assertThat(get(app.port(), "/"))
        .startsWith("HTTP/1.1 200")
        .contains("X-Try: 2")
        .doesNotContain("X-Try: 1")
        .endsWith("answer");
  }
}
