package dev.understudy.admin;

import static org.assertj.core.api.Assertions.assertThat;

import java.net.InetSocketAddress;
import java.time.Duration;
import org.junit.jupiter.api.Test;
import org.springframework.http.HttpStatusCode;
import org.springframework.mock.http.server.reactive.MockServerHttpRequest;
import org.springframework.mock.web.server.MockServerWebExchange;
import reactor.core.Disposable;
import reactor.core.publisher.Mono;

/** How many clients read all metrics at once. */
class ScrapeLimitTest {
  private static final String METRICS = "/actuator/prometheus";
  private static final Duration DEADLINE = Duration.ofMinutes(1);

  private final ScrapeLimit limit = new ScrapeLimit(METRICS);

  private static MockServerWebExchange exchange(String path, String client) {
    return MockServerWebExchange.from(
        MockServerHttpRequest.get(path).remoteAddress(new InetSocketAddress(client, 1)));
  }

  /** A client whose response does not end. */
  private Disposable reading(MockServerWebExchange exchange) {
    return limit.filter(exchange, chain -> Mono.never()).subscribe();
  }

  private HttpStatusCode statusOf(String path, String client) {
    MockServerWebExchange exchange = exchange(path, client);
    limit.filter(exchange, passed -> passed.getResponse().setComplete()).block(DEADLINE);
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
}
