package dev.understudy.admin;

import static org.assertj.core.api.Assertions.assertThat;

import dev.understudy.admin.access.AccessTokens;
import dev.understudy.admin.access.ReadPolicy;
import dev.understudy.testing.Await;
import dev.understudy.testing.LogCapture;
import dev.understudy.testing.RawClient;
import io.netty.channel.ChannelOption;
import java.net.InetSocketAddress;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicLong;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.parallel.Isolated;
import org.springframework.http.HttpStatusCode;
import org.springframework.http.server.reactive.ReactorHttpHandlerAdapter;
import org.springframework.mock.http.server.reactive.MockServerHttpRequest;
import org.springframework.mock.web.server.MockServerWebExchange;
import org.springframework.web.server.ServerWebExchange;
import org.springframework.web.server.WebFilterChain;
import org.springframework.web.server.adapter.WebHttpHandlerBuilder;
import reactor.core.Disposable;
import reactor.core.publisher.Flux;
import reactor.core.publisher.Mono;
import reactor.netty.DisposableServer;
import reactor.netty.http.server.HttpServer;

/** How many clients read all metrics at once. */
@Isolated("reads what is logged")
class ScrapeLimitTest {
  private static final String METRICS = "/actuator/prometheus";
  private static final Duration DEADLINE = Duration.ofMinutes(1);
  private static final int LARGE = 4 << 20;
  private static final int PIECES = 64;

  private final AtomicLong now = new AtomicLong();
  private final RefusalLog refusals = new RefusalLog(System::nanoTime);
  private final ManagementAccessFilter guard =
      new ManagementAccessFilter(
          new AccessRules(AccessTokens.NONE, ReadPolicy.OPEN, refusals),
          new CrossOriginCheck(new AllowedHosts(List.of(), Set::of), refusals),
          null);
  private final ScrapeLimit limit = new ScrapeLimit(METRICS, now::get);

  private Mono<Void> filter(ServerWebExchange exchange, WebFilterChain chain) {
    return guard.filter(exchange, passed -> limit.filter(passed, chain));
  }

  private static MockServerWebExchange exchange(String path, String client) {
    return MockServerWebExchange.from(
        MockServerHttpRequest.get(path).remoteAddress(new InetSocketAddress(client, 1)));
  }

  /** A client whose response does not end. */
  private Disposable reading(MockServerWebExchange exchange) {
    return filter(exchange, chain -> Mono.never()).subscribe();
  }

  private HttpStatusCode statusOf(String path, String client) {
    MockServerWebExchange exchange = exchange(path, client);
    filter(exchange, passed -> passed.getResponse().setComplete()).block(DEADLINE);
    HttpStatusCode status = exchange.getResponse().getStatusCode();
    return status == null ? HttpStatusCode.valueOf(200) : status;
  }

  @Test
  void one_more_than_may_be_is_a_503_and_other_paths_are_not_concerned() {
    Disposable first = reading(exchange(METRICS, "192.0.2.1"));
    for (int i = 1; i < ScrapeLimit.MOST; i++) {
      reading(exchange(METRICS, "192.0.2.1"));
    }
    assertThat(statusOf(METRICS, "192.0.2.1").value()).isEqualTo(503);
    assertThat(statusOf("/actuator/health", "192.0.2.1").value()).isEqualTo(200);

    first.dispose();
    assertThat(statusOf(METRICS, "192.0.2.1").value()).isEqualTo(200);
  }

  @Test
  void a_client_elsewhere_gets_the_place_of_the_newest() {
    MockServerWebExchange newest = exchange(METRICS, "192.0.2.1");
    for (int i = 1; i < ScrapeLimit.MOST; i++) {
      reading(exchange(METRICS, "192.0.2.1"));
    }
    reading(newest);

    assertThat(statusOf(METRICS, "192.0.2.2").value()).isEqualTo(200);
    assertThat(newest.getResponse().getStatusCode()).isEqualTo(HttpStatusCode.valueOf(503));
  }

  @Test
  void slow_clients_of_as_many_networks_as_there_are_places_keep_nobody_out_for_longer_than_10_s() {
    for (int i = 1; i <= ScrapeLimit.MOST; i++) {
      reading(exchange(METRICS, "192.0.2." + i));
    }
    assertThat(statusOf(METRICS, "192.0.2.9").value()).isEqualTo(503);

    now.addAndGet(Duration.ofSeconds(10).toNanos());
    assertThat(statusOf(METRICS, "192.0.2.9").value()).isEqualTo(200);
  }

  @Test
  void who_loses_its_place_amid_the_response_is_cut_off_and_nothing_is_logged() {
    AtomicInteger committed = new AtomicInteger();
    DisposableServer server = serve(committed);
    List<RawClient> slow = new ArrayList<>();
    try (LogCapture spring = LogCapture.of("org.springframework");
        LogCapture netty = LogCapture.of("reactor.netty")) {
      for (int i = 1; i <= ScrapeLimit.MOST; i++) {
        slow.add(RawClient.slow(server.port(), false).request("GET", METRICS, "Host: localhost"));
        int count = i;
        Await.until("its response has begun", () -> committed.get() == count);
      }
      try (RawClient other = new RawClient(server.port(), "127.0.0.3")) {
        assertThat(other.get(METRICS, "Host: localhost").status()).isEqualTo(200);
      }
      try (RawClient displaced = slow.removeLast()) {
        assertThat(displaced.response("GET").reset()).isTrue();
      }
      assertThat(spring.events()).isEmpty();
      assertThat(netty.events()).isEmpty();
      for (RawClient each : slow) {
        assertThat(each.response("GET").body()).hasSize(LARGE);
      }
    } finally {
      slow.forEach(RawClient::close);
      server.disposeNow();
    }
  }

  /** A server of metrics that are more than the buffers between it and a client hold. */
  private DisposableServer serve(AtomicInteger committed) {
    byte[] piece = "m".repeat(LARGE / PIECES).getBytes(StandardCharsets.US_ASCII);
    var handler =
        WebHttpHandlerBuilder.webHandler(
                exchange -> {
                  var response = exchange.getResponse();
                  response.getHeaders().setContentLength(LARGE);
                  response.beforeCommit(() -> Mono.fromRunnable(committed::incrementAndGet));
                  return response.writeWith(
                      Flux.range(0, PIECES).map(i -> response.bufferFactory().wrap(piece)));
                })
            .filter(guard, limit)
            .build();
    return HttpServer.create()
        .host("127.0.0.1")
        .childOption(ChannelOption.SO_SNDBUF, 64 * 1024)
        .handle(new ReactorHttpHandlerAdapter(handler))
        .bindNow();
  }
}
