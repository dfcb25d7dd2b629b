package dev.understudy;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.understudy.testing.Await;
import dev.understudy.testing.ExtensionJar;
import dev.understudy.testing.LogCapture;
import dev.understudy.testing.RawClient;
import dev.understudy.testing.Response;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CountDownLatch;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** An extension that fails harms the requests of its own route alone, and is told. */
class BrokenExtensionsTest {
  private static final String LOG = "dev.understudy.proxy.gateway.ExtensionLog";

  private static final String BROKEN =
      """
      return (exchange, chain) -> switch (config.getText()) {
        case "throws" -> throw new IllegalArgumentException("thrown on purpose");
        case "signals" -> Mono.error(new java.io.IOException("signalled on purpose"));
        case "lacks" -> throw new NoClassDefFoundError("com/example/Missing");
        case "refuses" ->
            Mono.error(new ResponseStatusException(org.springframework.http.HttpStatus.CONFLICT));
        case "hangs" -> Mono.never();
        case "hangs-after" -> chain.filter(exchange).then(Mono.never());
        case "fails-after" -> chain.filter(exchange).then(Mono.error(new RuntimeException("late")));
        case "blocks", "blocks-long" -> {
          try {
            new CountDownLatch(1).await();
          } catch (InterruptedException e) {
            throw new IllegalStateException("interrupted");
          }
          yield Mono.empty();
        }
        default -> chain.filter(exchange);
      };
      """;

  /** Forgets to release buffers of both bodies. */
  private static final String LEAKY =
      """
      return new OrderedGatewayFilter((exchange, chain) -> {
        var response = exchange.getResponse();
        var decorated = new ServerHttpResponseDecorator(response) {
          @Override public Mono<Void> writeWith(
              org.reactivestreams.Publisher<? extends DataBuffer> body) {
            return super.writeWith(Flux.from(body).map(each ->
                response.bufferFactory().wrap(
                    ("<" + each.toString(java.nio.charset.StandardCharsets.UTF_8) + ">")
                        .getBytes())));
          }
        };
        response.beforeCommit(() -> {
          response.getHeaders().remove("Content-Length");
          return Mono.empty();
        });
        return exchange.getRequest().getBody().count().flatMap(count ->
            chain.filter(exchange.mutate()
                .request(new ServerHttpRequestDecorator(exchange.getRequest()) {
                  @Override public Flux<DataBuffer> getBody() {
                    return Flux.just(response.bufferFactory().wrap("four".getBytes()));
                  }
                })
                .response(decorated)
                .build()));
      }, -2);
      """;

  /** Puts another body in place of the response's, which never ends. */
  private static final String HOLDING =
      """
      return new OrderedGatewayFilter((exchange, chain) -> {
        var response = exchange.getResponse();
        response.beforeCommit(() -> {
          response.getHeaders().remove("Content-Length");
          return Mono.empty();
        });
        return chain.filter(exchange.mutate().response(new ServerHttpResponseDecorator(response) {
          @Override public Mono<Void> writeWith(
              org.reactivestreams.Publisher<? extends DataBuffer> body) {
            return switch (config.getText()) {
              case "end" -> super.writeWith(Flux.<DataBuffer>from(body).concatWith(Mono.never()));
              case "whole" -> super.writeWith(Flux.from(body).then(Mono.never()));
              case "all" -> super.writeWith(Flux.from(body).thenMany(Flux.never()));
              case "untaken" -> super.writeWith(Flux.never());
              case "parts" ->
                  super.writeAndFlushWith(
                      Flux.just(Flux.<DataBuffer>from(body).concatWith(Mono.never())));
              default -> super.writeWith(Flux.from(body).delayElements(
                  java.time.Duration.ofMillis(10)));
            };
          }
        }).build());
      }, -2);
      """;

  private static final String SHORT =
      """
        short: { servers: { a: { url: "http://SERVER" } }, health: { type: tcp }, timeouts: { idle: 300ms } }
      """;

  @TempDir static Path jars;
  @TempDir static Path folder;

  private static TestProxy proxy;

  @BeforeAll
  static void start(@TempDir Path work) throws Exception {
    new ExtensionJar(work)
        .filter("Broken", BROKEN)
        .filter("Leaky", LEAKY)
        .filter("Holding", HOLDING)
        .filter(
            "Late",
            """
            return new OrderedGatewayFilter(
                (exchange, chain) ->
                    chain.filter(exchange).then(Mono.error(new RuntimeException("late"))),
                -2);
            """)
        .predicate(
            "Odd",
            """
            return exchange -> switch (config.getText()) {
              case "throws" -> throw new IllegalArgumentException("thrown on purpose");
              default -> {
                try {
                  new CountDownLatch(1).await();
                } catch (InterruptedException e) {
                  throw new IllegalStateException("interrupted");
                }
                yield true;
              }
            };
            """)
        .build(jars.resolve("broken.jar"));
    StringBuilder routes = new StringBuilder(TestProxy.POOLS + SHORT + "routes:\n");
    for (String each :
        List.of(
            "throws",
            "signals",
            "lacks",
            "refuses",
            "hangs",
            "hangs-after",
            "fails-after",
            "blocks")) {
      routes.append(
          """
            - { id: %1$s, uri: "pool://p", predicates: ["Path=/%1$s"], filters: ["Broken=%1$s"],
                metadata: { response-timeout: 300 } }
          """
              .formatted(each));
    }
    for (String each : List.of("end", "whole", "all", "untaken", "parts", "nothing")) {
      routes.append(
          """
            - { id: %1$s, uri: "pool://p", predicates: ["Path=/%1$s"], filters: ["Holding=%1$s"],
                metadata: { response-timeout: 300 } }
          """
              .formatted(each));
    }
    routes.append(
        """
          - { id: blocks-long, uri: "pool://p", predicates: ["Path=/blocks-long"], filters: ["Broken=blocks-long"] }
          - { id: untaken-part, uri: "pool://short", predicates: ["Path=/untaken-part"], filters: ["Holding=untaken"] }
          - { id: good, uri: "pool://p", predicates: ["Path=/good"], filters: ["Broken=good"] }
          - { id: leaky, uri: "pool://p", predicates: ["Path=/leaky"], filters: ["Leaky"] }
          - { id: late, uri: "pool://p", predicates: ["Path=/late"], filters: ["Late"] }
          - { id: odd-throws, uri: "pool://p", predicates: ["Path=/odd/throws", "Odd=throws"], filters: ["Deny=403"] }
          - { id: odd-blocks, uri: "pool://p", predicates: ["Path=/odd/blocks", "Odd=blocks"], filters: ["Deny=403"] }
          - { id: rest, uri: "pool://p", predicates: ["Path=/**"] }
        """);
    proxy = new TestProxy(folder, routes.toString(), "understudy.extensions=" + jars);
  }

  @BeforeEach
  void rest() {
    proxy.rest();
  }

  @AfterAll
  static void stop() {
    proxy.close();
  }

  private static Response get(String path) {
    try (RawClient client = new RawClient(proxy.port())) {
      return client.get(path);
    }
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      textBlock =
          """
          throws | 500 | failed
          signals | 500 | failed
          lacks | 500 | failed
          hangs | 504 | was given up after 0.300 s
          blocks | 504 | was given up after 0.300 s
          hangs-after | 504 | was given up after 0.300 s
          fails-after | 500 | failed
          """)
  void what_a_filter_does_is_the_response_of_its_route_and_told_once(
      String route, int status, String told) {
    String line = "Filter Broken (broken.jar) of route " + route + " " + told;
    try (LogCapture log = LogCapture.of(LOG, " of route " + route + " ")) {
      for (int i = 0; i < 3; i++) {
        assertThat(get("/" + route).status()).isEqualTo(status);
      }
      assertThat(log.events())
          .singleElement()
          .extracting(Object::toString)
          .asString()
          .contains(line + " (0 more since the last line)");
    }
    assertThat(get("/good").body()).isEqualTo("server");
    assertThat(get("/else").body()).isEqualTo("server");
  }

  @Test
  void a_status_that_a_filter_names_is_its_response_and_not_told() {
    try (LogCapture log = LogCapture.of(LOG, " of route refuses ")) {
      assertThat(get("/refuses").status()).isEqualTo(409);
      assertThat(log.events()).isEmpty();
    }
  }

  @Test
  void a_filter_that_fails_after_the_response_is_told_and_ends_the_connection_at_most() {
    try (LogCapture log = LogCapture.of(LOG, " of route late ");
        RawClient client = new RawClient(proxy.port())) {
      assertThat(client.get("/late").status()).isEqualTo(200);
      Await.until("it is told", () -> log.events().size() == 1);
      assertThat(get("/good").body()).isEqualTo("server");
    }
  }

  @Test
  void a_filter_that_blocks_has_a_bounded_number_of_requests_and_stops_no_other_route() {
    List<RawClient> waiting = new ArrayList<>();
    try (LogCapture log = LogCapture.of(LOG, " of route blocks-long ")) {
      // More than run and wait together.
      for (int i = 0; i < 16 + 256 + 1; i++) {
        waiting.add(new RawClient(proxy.port()).request("GET", "/blocks-long"));
      }
      Await.until("one is refused", () -> !log.events().isEmpty());
      assertThat(log.events().getFirst().getFormattedMessage())
          .contains("has no free thread, and too many requests wait");
      assertThat(get("/good").body()).isEqualTo("server");
      assertThat(get("/else").body()).isEqualTo("server");
    } finally {
      waiting.forEach(RawClient::abort);
    }
    Await.until(
        "the threads of clients that are gone end what they do",
        () ->
            Thread.getAllStackTraces().entrySet().stream()
                .filter(each -> each.getKey().getName().equals("understudy-extension-Broken"))
                .noneMatch(
                    each ->
                        List.of(each.getValue())
                            .toString()
                            .contains("BrokenGatewayFilterFactory")));
  }

  /** A response that has begun is cut off, others are 504. */
  @ParameterizedTest
  @CsvSource({"end, 200", "whole, 504", "all, 504", "untaken, 504", "parts, 200"})
  void a_body_that_a_filter_holds_up_is_given_up(String route, int status) {
    try (LogCapture log = LogCapture.of(LOG, " of route " + route + " ");
        RawClient client = new RawClient(proxy.port())) {
      assertThat(client.request("GET", "/" + route, "Host: a", "Connection: close").readAll())
          .startsWith("HTTP/1.1 " + status + " ")
          .doesNotContain("\r\n0\r\n");
      assertThat(log.events())
          .singleElement()
          .extracting(Object::toString)
          .asString()
          .contains("was given up after 0.300 s");
    }
    assertThat(get("/nothing").body()).isEqualTo("server");
  }

  @Test
  void a_response_that_a_filter_does_not_take_has_the_idle_time_of_its_pool() {
    CountDownLatch over = new CountDownLatch(1);
    proxy.server.script(
        call -> {
          call.write("HTTP/1.1 200 OK\r\nContent-Length: 100\r\n\r\nhalf");
          over.await();
        });
    try (RawClient client = new RawClient(proxy.port())) {
      client.request("GET", "/untaken-part");
      assertThatThrownBy(client::readAll).hasMessageContaining("reset");
    } finally {
      over.countDown();
    }
  }

  /** {@link dev.understudy.testing.LeakWatch} fails this JVM if one of Netty's own was lost. */
  @Test
  void buffers_that_a_filter_forgets_are_no_buffers_of_the_connections() {
    byte[] body = "1234".getBytes(StandardCharsets.UTF_8);
    proxy.server.script(call -> call.reply(200, "for " + call.text()));
    for (int i = 0; i < 20; i++) {
      try (RawClient client = new RawClient(proxy.port())) {
        assertThat(client.request("POST", "/leaky", body).response("POST").body())
            .isEqualTo("<for four>");
      }
    }
  }

  @ParameterizedTest
  @CsvSource({"throws, failed", "blocks, was given up after 1.000 s"})
  void a_predicate_that_fails_does_not_match_and_is_told(String route, String told) {
    try (LogCapture log = LogCapture.of(LOG, " of route odd-" + route + " ")) {
      assertThat(get("/odd/" + route).body()).isEqualTo("server");
      assertThat(log.events())
          .singleElement()
          .extracting(Object::toString)
          .asString()
          .contains("Predicate Odd (broken.jar) of route odd-" + route + " " + told);
    }
  }
}
